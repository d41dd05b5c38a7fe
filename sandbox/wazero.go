package sandbox

// wazeroVersion is part of every run's key: what the compiler makes of a module can change with it (an open bug
// miscompiles on arm64, and its fix will change results). A test holds it to go.mod.
const wazeroVersion = "v1.12.0"

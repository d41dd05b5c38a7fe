/* The interpreter that is trained: CPython's own command line, instrumented by -fprofile-generate, which leaves its
 * counters as the file /profile/raw when it ends. No compiler comes with a profile runtime for WebAssembly; what one
 * has to do here is little. The form of the file is told by the compiler's own header, so that both always agree. */
#include <Python.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <profile/InstrProfData.inc>

enum {
#define VALUE_PROF_KIND(name, value, text) name = value,
#include <profile/InstrProfData.inc>
};

/* What stands for a function in the file: the compiler has laid these out one after the other. */
typedef void *IntPtrT;
struct function {
#define INSTR_PROF_DATA(type, llvm, name, value) type name;
#include <profile/InstrProfData.inc>
};

/* The linker's names for where the sections begin and end. A section that nothing is in has none. */
#define SECTION(name) extern char __start___llvm_prf_##name[] __attribute__((weak)), __stop___llvm_prf_##name[] __attribute__((weak))
SECTION(data);
SECTION(cnts);
SECTION(names);

/* What instrumented code refers to. The values of arguments are not recorded (-disable-vp). */
int __llvm_profile_runtime;
extern uint64_t INSTR_PROF_RAW_VERSION_VAR;

/* A file made of sections that are each filled up to a multiple of 8 bytes. */
static size_t padding(size_t n) { return -n % 8; }

static int put(FILE *f, const char *start, size_t n)
{
    static const char zeros[8];
    return fwrite(start, 1, n, f) == n && fwrite(zeros, 1, padding(n), f) == padding(n);
}

static int write_profile(const char *path)
{
    char *DataBegin = __start___llvm_prf_data, *CountersBegin = __start___llvm_prf_cnts, *NamesBegin = __start___llvm_prf_names;
    char *BitmapBegin = CountersBegin;
    size_t data = __stop___llvm_prf_data - DataBegin, counters = __stop___llvm_prf_cnts - CountersBegin;
    uint64_t NumData = data / sizeof(struct function), PaddingBytesBeforeCounters = padding(data);
    uint64_t NumCounters = counters / sizeof(uint64_t), PaddingBytesAfterCounters = padding(counters);
    uint64_t NumBitmapBytes = 0, PaddingBytesAfterBitmapBytes = 0, NumVTables = 0, VNamesSize = 0;
    uint64_t NamesSize = __stop___llvm_prf_names - NamesBegin;
#define __llvm_profile_get_magic() INSTR_PROF_RAW_MAGIC_32
#define __llvm_profile_get_version() INSTR_PROF_RAW_VERSION_VAR
#define __llvm_write_binary_ids(writer) 0
    const uint64_t header[] = {
#define INSTR_PROF_RAW_HEADER(type, name, value) value,
#include <profile/InstrProfData.inc>
    };
    FILE *f = fopen(path, "wb");
    return f && put(f, (const char *)header, sizeof header) && put(f, DataBegin, data) && put(f, CountersBegin, counters) &&
        put(f, NamesBegin, NamesSize) && fclose(f) == 0;
}

int main(int argc, char **argv)
{
    int code = Py_BytesMain(argc, argv);
    if (!write_profile("/profile/raw")) {
        perror("/profile/raw");
        return 1;
    }
    return code;
}

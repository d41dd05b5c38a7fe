/* The interpreter that is trained: CPython's own command line, instrumented by -fprofile-generate, which leaves its
 * counters as the file /profile/raw when it ends. No compiler comes with a profile runtime for WebAssembly; what one
 * has to do here is little. The form of the file is told by the compiler's own header, so that both always agree. */
#include <Python.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <profile/InstrProfData.inc>
#define INSTR_PROF_VALUE_PROF_MEMOP_API
#include <profile/InstrProfData.inc>
#undef INSTR_PROF_VALUE_PROF_MEMOP_API

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

/* What instrumented code refers to. */
int __llvm_profile_runtime;
extern uint64_t INSTR_PROF_RAW_VERSION_VAR;

/* The functions that an indirect call went to, or the sizes that a block of memory had, and how often. A value that comes
 * when all places are taken drives out the rarest one little by little, as in LLVM's own runtime: what is frequent stays,
 * whenever it began. */
enum { PLACES = 24 };
struct site {
    InstrProfValueData value[PLACES];
};

static size_t sites(const struct function *f, int kinds)
{
    size_t n = 0;
    for (int kind = 0; kind < kinds; kind++) {
        n += f->NumValueSites[kind];
    }
    return n;
}

void INSTR_PROF_VALUE_PROF_FUNC(uint64_t value, void *data, uint32_t index)
{
    struct function *f = data;
    if (f->Values == NULL && (f->Values = calloc(sites(f, IPVK_Last + 1), sizeof(struct site *))) == NULL) {
        abort();
    }
    struct site **s = (struct site **)f->Values + index;
    if (*s == NULL && (*s = calloc(1, sizeof(struct site))) == NULL) {
        abort();
    }
    InstrProfValueData *rarest = (*s)->value;
    for (InstrProfValueData *v = rarest; v < (*s)->value + PLACES; v++) {
        if (v->Count != 0 && v->Value == value) {
            v->Count++;
            return;
        }
        if (v->Count < rarest->Count) {
            rarest = v;
        }
    }
    if (rarest->Count == 0 || --rarest->Count == 0) {
        *rarest = (InstrProfValueData){value, 1};
    }
}

void INSTR_PROF_VALUE_PROF_MEMOP_FUNC(uint64_t size, void *data, uint32_t index)
{
    INSTR_PROF_VALUE_PROF_FUNC(InstrProfGetRangeRepValue(size), data, index);
}

/* A file made of sections that are each filled up to a multiple of 8 bytes. */
static size_t padding(size_t n) { return -n % 8; }

static int put(FILE *f, const char *start, size_t n)
{
    static const char zeros[8];
    return fwrite(start, 1, n, f) == n && fwrite(zeros, 1, padding(n), f) == padding(n);
}

/* How many values were seen at site i of f. */
static uint8_t seen(const struct function *f, size_t i)
{
    const struct site *s = f->Values ? ((struct site **)f->Values)[i] : NULL;
    uint8_t n = 0;
    while (s && n < PLACES && s->value[n].Count) {
        n++;
    }
    return n;
}

/* The values of f: a head, and for each kind that f has sites of the number of values of each site, and the values. */
static int put_values(FILE *f, const struct function *fn)
{
    uint32_t head[2] = {sizeof head}; /* the size of all that follows and of itself; kinds */
    for (int kind = 0; kind <= IPVK_Last; kind++) {
        size_t first = sites(fn, kind), n = fn->NumValueSites[kind];
        if (n) {
            head[0] += 2 * sizeof(uint32_t) + n + padding(n);
            head[1]++;
        }
        for (size_t i = first; i < first + n; i++) {
            head[0] += seen(fn, i) * sizeof(InstrProfValueData);
        }
    }
    if (head[1] == 0) {
        return 1;
    }
    int ok = put(f, (const char *)head, sizeof head);
    for (uint32_t kind = 0; kind <= IPVK_Last; kind++) {
        uint32_t first = sites(fn, kind), n = fn->NumValueSites[kind];
        if (n == 0) {
            continue;
        }
        const uint32_t record[] = {kind, n};
        uint8_t counts[n];
        for (uint32_t i = 0; i < n; i++) {
            counts[i] = seen(fn, first + i);
        }
        ok = ok && put(f, (const char *)record, sizeof record) && put(f, (const char *)counts, n);
        for (uint32_t i = 0; i < n; i++) {
            ok = ok && (counts[i] == 0 ||
                put(f, (const char *)((struct site **)fn->Values)[first + i]->value, counts[i] * sizeof(InstrProfValueData)));
        }
    }
    return ok;
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
    int ok = f && put(f, (const char *)header, sizeof header) && put(f, DataBegin, data) && put(f, CountersBegin, counters) &&
        put(f, NamesBegin, NamesSize);
    for (uint64_t i = 0; ok && i < NumData; i++) {
        ok = put_values(f, (const struct function *)DataBegin + i);
    }
    return ok && fclose(f) == 0;
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

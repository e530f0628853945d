// A VST3 plug-in for the tests, without an SDK: the few interfaces that a host of effects asks for,
// in the order of their functions (VST 3.8, MIT; a COM-like ABI). It is a gain and a delay, tells
// whatever latency it is set to, and on request crashes, hangs, or gives what is no number.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>
#include <unistd.h>

using i32 = int32_t;
using u32 = uint32_t;
using Result = i32;
using Id = char[16];
constexpr Result OK = 0, NO = -1, REFUSED = 1;

struct Unknown {
    virtual Result queryInterface(const char* iid, void** made) = 0;
    virtual u32 addRef() = 0;
    virtual u32 release() = 0;
};
struct Stream : Unknown {
    virtual Result read(void*, i32, i32*) = 0;
    virtual Result write(void*, i32, i32*) = 0;
};
struct Base : Unknown {
    virtual Result initialize(Unknown*) = 0;
    virtual Result terminate() = 0;
};
struct BusInfo { i32 media, direction, channels; char16_t name[128]; i32 type; u32 flags; };
struct Component : Base {
    virtual Result getControllerClassId(char*) = 0;
    virtual Result setIoMode(i32) = 0;
    virtual i32 getBusCount(i32 media, i32 direction) = 0;
    virtual Result getBusInfo(i32 media, i32 direction, i32 index, BusInfo&) = 0;
    virtual Result getRoutingInfo(void*, void*) = 0;
    virtual Result activateBus(i32, i32, i32, uint8_t) = 0;
    virtual Result setActive(uint8_t) = 0;
    virtual Result setState(Stream*) = 0;
    virtual Result getState(Stream*) = 0;
};
struct Setup { i32 mode, size, block; double rate; };
struct Bus { i32 channels; uint64_t silent; float** samples; };
struct Queue : Unknown {
    virtual u32 getParameterId() = 0;
    virtual i32 getPointCount() = 0;
    virtual Result getPoint(i32, i32& at, double& value) = 0;
};
struct Changes : Unknown {
    virtual i32 getParameterCount() = 0;
    virtual Queue* getParameterData(i32) = 0;
};
struct Data { i32 mode, size, n, ins, outs; Bus *in, *out; Changes *changes, *told; void* rest[3]; };
struct Processor : Unknown {
    virtual Result setBusArrangements(uint64_t*, i32, uint64_t*, i32) = 0;
    virtual Result getBusArrangement(i32, i32, uint64_t&) = 0;
    virtual Result canProcessSampleSize(i32) = 0;
    virtual u32 getLatencySamples() = 0;
    virtual Result setupProcessing(Setup&) = 0;
    virtual Result setProcessing(uint8_t) = 0;
    virtual Result process(Data&) = 0;
    virtual u32 getTailSamples() = 0;
};
struct ParameterInfo {
    u32 id; char16_t title[128], small[128], units[128]; i32 steps; double normal; i32 unit, flags;
};
struct Controller : Base {
    virtual Result setComponentState(Stream*) = 0;
    virtual Result setState(Stream*) = 0;
    virtual Result getState(Stream*) = 0;
    virtual i32 getParameterCount() = 0;
    virtual Result getParameterInfo(i32, ParameterInfo&) = 0;
    virtual Result getParamStringByValue(u32, double, char16_t*) = 0;
    virtual Result getParamValueByString(u32, char16_t*, double&) = 0;
    virtual double normalizedParamToPlain(u32, double) = 0;
    virtual double plainParamToNormalized(u32, double) = 0;
    virtual double getParamNormalized(u32) = 0;
    virtual Result setParamNormalized(u32, double) = 0;
    virtual Result setComponentHandler(Unknown*) = 0;
    virtual void* createView(const char*) = 0;
};

static void id(char* to, u32 a, u32 b, u32 c, u32 d) {
    for (u32 word : {a, b, c, d})
        for (int shift = 24; shift >= 0; shift -= 8) *to++ = char(word >> shift);
}
static bool is(const char* iid, u32 a, u32 b, u32 c, u32 d) {
    Id other;
    id(other, a, b, c, d);
    return !memcmp(iid, other, 16);
}
static bool isUnknown(const char* iid) { return is(iid, 0, 0, 0xC0000000, 0x46); }
static bool isBase(const char* i) { return is(i, 0x22888DDB, 0x156E45AE, 0x8358B348, 0x08190625); }
static void wide(char16_t* to, const char* from) {
    while ((*to++ = char16_t(*from++))) {}
}

constexpr int N = 4;
enum { GAIN, DELAY, TOLD, MODE };
struct Parameter { const char *title, *units; double low, high, normal; i32 steps; };
static const Parameter PARAMETERS[N] = {
    {"Gain", "dB", -24, 24, 0.5, 0},
    {"Delay", "samples", 0, 1000, 0, 1000},
    {"Told", "samples", 0, 1000, 0, 1000},
    {"Mode", "", 0, 4, 0, 4},
};
static const char* const MODES[] = {"plain", "crash", "hang", "nan", "random"};

struct Effect final : Component, Processor, Controller {
    explicit Effect(int only) : only(only), wanted(only == 1 ? 1 : 2) {
        for (int i = 0; i < N; ++i) value[i] = PARAMETERS[i].normal;
    }
    const int only;  // how many channels it takes; 0: one or two
    i32 wanted;
    u32 references = 1;
    double value[N];
    std::vector<std::vector<float>> past;

    double plain(int i) const {
        const auto& p = PARAMETERS[i];
        const double at = p.low + value[i] * (p.high - p.low);
        return p.steps ? std::round(at) : at;
    }

    Result queryInterface(const char* iid, void** made) override {
        *made = nullptr;
        if (isUnknown(iid) || isBase(iid) || is(iid, 0xE831FF31, 0xF2D54301, 0x928EBBEE, 0x25697802))
            *made = static_cast<Component*>(this);
        else if (is(iid, 0x42043F99, 0xB7DA453C, 0xA569E79D, 0x9AAEC33D))
            *made = static_cast<Processor*>(this);
        else if (is(iid, 0xDCD7BBE3, 0x7742448D, 0xA874AACC, 0x979C759E))
            *made = static_cast<Controller*>(this);
        if (!*made) return NO;
        addRef();
        return OK;
    }
    u32 addRef() override { return ++references; }
    u32 release() override {
        const u32 left = --references;
        if (!left) delete this;
        return left;
    }
    Result initialize(Unknown*) override { return OK; }
    Result terminate() override { return OK; }

    Result getControllerClassId(char*) override { return NO; }
    Result setIoMode(i32) override { return OK; }
    i32 getBusCount(i32 media, i32) override { return media == 0 ? 1 : 0; }
    Result getBusInfo(i32 media, i32 direction, i32 index, BusInfo& bus) override {
        if (media || index) return REFUSED;
        bus = {0, direction, wanted, {}, 0, 1};
        wide(bus.name, direction ? "Output" : "Input");
        return OK;
    }
    Result getRoutingInfo(void*, void*) override { return REFUSED; }
    Result activateBus(i32, i32, i32, uint8_t) override { return OK; }
    Result setActive(uint8_t on) override {
        if (on) past.assign(2, std::vector<float>(size_t(plain(DELAY)), 0.f));
        return OK;
    }
    Result setState(Stream* from) override {
        i32 got = 0;
        return from->read(value, sizeof value, &got);
    }
    Result getState(Stream* to) override {
        i32 put = 0;
        return to->write(value, sizeof value, &put);
    }

    Result setBusArrangements(uint64_t* in, i32 ins, uint64_t* out, i32 outs) override {
        if (ins != 1 || outs != 1 || in[0] != out[0]) return REFUSED;
        const i32 channels = in[0] == 3 ? 2 : in[0] == (1u << 19) ? 1 : 0;
        if (!channels || (only && channels != only)) return REFUSED;
        wanted = channels;
        return OK;
    }
    Result getBusArrangement(i32, i32, uint64_t& speakers) override {
        speakers = wanted == 2 ? 3 : 1u << 19;
        return OK;
    }
    Result canProcessSampleSize(i32 size) override { return size == 0 ? OK : REFUSED; }
    u32 getLatencySamples() override { return u32(plain(TOLD)); }
    Result setupProcessing(Setup&) override { return OK; }
    Result setProcessing(uint8_t) override { return OK; }
    u32 getTailSamples() override { return 0; }
    Result process(Data& data) override {
        for (i32 i = 0; data.changes && i < data.changes->getParameterCount(); ++i) {
            Queue* queue = data.changes->getParameterData(i);
            i32 at;
            if (const i32 points = queue->getPointCount(); points && queue->getParameterId() < N)
                queue->getPoint(points - 1, at, value[queue->getParameterId()]);
        }
        if (!data.outs || !data.n) return OK;
        const int mode = int(plain(MODE));
        const float gain = float(std::pow(10.0, plain(GAIN) / 20.0));
        float loudest = 0.f;
        for (i32 c = 0; c < data.out[0].channels; ++c) {
            auto& line = past[size_t(c)];
            const float* from = data.in[0].samples[c];
            std::vector<float> whole(line);
            whole.insert(whole.end(), from, from + data.n);
            for (i32 k = 0; k < data.n; ++k) {
                data.out[0].samples[c][k] = gain * whole[size_t(k)];
                loudest = std::fmax(loudest, std::fabs(whole[size_t(k)]));
            }
            line.assign(whole.end() - long(line.size()), whole.end());
        }
        // It looks well until it hears something loud: a crash in the middle of the work.
        if (mode == 1 && loudest > 0.9f) *reinterpret_cast<volatile int*>(8) = 1;
        if (mode == 2 && loudest > 0.9f) for (;;) usleep(100000);
        if (mode == 3 && loudest > 0.9f) data.out[0].samples[0][0] = NAN;
        if (mode == 4) data.out[0].samples[0][0] += 1e-6f * float((getpid() + clock()) % 997);
        return OK;
    }

    Result setComponentState(Stream* from) override { return setState(from); }
    i32 getParameterCount() override { return N; }
    Result getParameterInfo(i32 index, ParameterInfo& info) override {
        const auto& p = PARAMETERS[index];
        info = {u32(index), {}, {}, {}, p.steps, p.normal, 0, 1};
        wide(info.title, p.title);
        wide(info.small, p.title);
        wide(info.units, p.units);
        return OK;
    }
    Result getParamStringByValue(u32 index, double normal, char16_t* text) override {
        char told[32];
        const double at = normalizedParamToPlain(index, normal);
        if (index == MODE) snprintf(told, sizeof told, "%s", MODES[int(std::round(at))]);
        else snprintf(told, sizeof told, PARAMETERS[index].steps ? "%.0f" : "%.1f", at);
        wide(text, told);
        return OK;
    }
    Result getParamValueByString(u32, char16_t*, double&) override { return REFUSED; }
    double normalizedParamToPlain(u32 i, double v) override {
        return PARAMETERS[i].low + v * (PARAMETERS[i].high - PARAMETERS[i].low);
    }
    double plainParamToNormalized(u32 i, double v) override {
        return (v - PARAMETERS[i].low) / (PARAMETERS[i].high - PARAMETERS[i].low);
    }
    double getParamNormalized(u32 i) override { return value[i]; }
    Result setParamNormalized(u32 i, double v) override {
        value[i] = v;
        return OK;
    }
    Result setComponentHandler(Unknown*) override { return OK; }
    void* createView(const char*) override { return nullptr; }
};

struct FactoryInfo { char vendor[64], url[256], email[128]; i32 flags; };
struct ClassInfo { Id cid; i32 many; char category[32], name[64]; };
struct ClassInfo2 {
    Id cid; i32 many; char category[32], name[64]; u32 flags;
    char kinds[128], vendor[64], version[64], sdk[64];
};

struct Factory final : Unknown {
    Result queryInterface(const char* iid, void** made) override {
        const bool mine = isUnknown(iid) || is(iid, 0x7A4D811C, 0x52114A1F, 0xAED9D2EE, 0x0B43BF9F) ||
                          is(iid, 0x0007B650, 0xF24B4C0B, 0xA464EDB9, 0xF00B2ABB);
        *made = mine ? this : nullptr;
        return mine ? OK : NO;
    }
    u32 addRef() override { return 1; }
    u32 release() override { return 1; }
    virtual Result getFactoryInfo(FactoryInfo* info) {
        *info = {"burnish", "", "", 16};
        return OK;
    }
    virtual i32 countClasses() { return 3; }
    virtual Result getClassInfo(i32 index, ClassInfo* info) {
        ClassInfo2 all;
        getClassInfo2(index, &all);
        memcpy(static_cast<void*>(info), &all, sizeof *info);
        return OK;
    }
    virtual Result createInstance(const char* cid, const char* iid, void** made) {
        Effect* effect = new Effect(cid[15] - 1);
        const Result result = effect->queryInterface(iid, made);
        effect->release();
        return result;
    }
    virtual Result getClassInfo2(i32 index, ClassInfo2* info) {
        *info = {{}, 0x7FFFFFFF, "Audio Module Class", "", 0, "Fx", "burnish", "", "VST 3.8"};
        id(info->cid, 0xB0125151, 0x7E57, 0, u32(index + 1));
        const char* const names[] = {"Test Gain", "Test Mono", "Test Stereo"};
        strcpy(info->name, names[index]);
        const char* version = getenv("TEST_PLUGIN_VERSION");
        strcpy(info->version, version ? version : "1.2.3");
        return OK;
    }
};

extern "C" {
__attribute__((visibility("default"))) void* GetPluginFactory() {
    static Factory factory;
    return &factory;
}
__attribute__((visibility("default"))) bool ModuleEntry(void*) { return true; }
__attribute__((visibility("default"))) bool ModuleExit() { return true; }
}

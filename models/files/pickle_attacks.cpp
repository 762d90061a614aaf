#include "models/files/pickle_attacks.h"

#include <algorithm>
#include <array>
#include <span>

namespace latentreel::models {
namespace {

using std::string_view_literals::operator""sv;

// Packages: every name in them and in their modules counts.
constexpr std::array kPackages = {
    // programs, processes, the interpreter
    "os"sv,
    "posix"sv,
    "nt"sv,
    "subprocess"sv,
    "_posixsubprocess"sv,
    "_winapi"sv,
    "popen2"sv,
    "pty"sv,
    "sys"sv,
    "threading"sv,
    "_thread"sv,
    "multiprocessing"sv,
    "concurrent"sv,
    "asyncio"sv,
    "ctypes"sv,
    "_ctypes"sv,
    "cffi"sv,
    "faulthandler"sv,
    // code
    "codeop"sv,
    "runpy"sv,
    "importlib"sv,
    "_frozen_importlib"sv,
    "_frozen_importlib_external"sv,
    "zipimport"sv,
    "pkgutil"sv,
    "timeit"sv,
    "cProfile"sv,
    "pdb"sv,
    "bdb"sv,
    "doctest"sv,
    "pydoc"sv,
    "unittest"sv,
    "test.support"sv,
    "idlelib"sv,
    "lib2to3"sv,
    "distutils"sv,
    "setuptools"sv,
    "pip"sv,
    "ensurepip"sv,
    "venv"sv,
    "numpy.testing"sv,
    "numpy.f2py"sv,
    "numpy.distutils"sv,
    // further pickles
    "pickle"sv,
    "_pickle"sv,
    "cPickle"sv,
    "pickletools"sv,
    "marshal"sv,
    "shelve"sv,
    "dill"sv,
    "cloudpickle"sv,
    "joblib"sv,
    // files and the network
    "shutil"sv,
    "tempfile"sv,
    "linecache"sv,
    "fileinput"sv,
    "socket"sv,
    "_socket"sv,
    "socketserver"sv,
    "ssl"sv,
    "webbrowser"sv,
    "requests"sv,
    "urllib"sv,
    "urllib2"sv,
    "urllib3"sv,
    "aiohttp"sv,
    "http"sv,
    "httplib"sv,
    "httpx"sv,
    "ftplib"sv,
    "smtplib"sv,
    "telnetlib"sv,
    "poplib"sv,
    "imaplib"sv,
    "nntplib"sv,
    "xmlrpc"sv,
    "sqlite3"sv,
    // what PyTorch itself brings that runs code
    "torch.hub"sv,
    "torch.package"sv,
    "torch.fx"sv,
    "torch._dynamo"sv,
    "torch._inductor"sv,
    "torch.utils.cpp_extension"sv,
    "torch.utils.collect_env"sv,
    "torch.utils.bottleneck"sv,
    "torch.utils._config_module"sv,
    "torch.utils.data.datapipes"sv,
    "torch.distributed.rpc"sv,
    "torch.multiprocessing"sv,
    "torch.jit.unsupported_tensor_ops"sv,
    "torch.jit._serialization"sv,
};

// Modules of one file. A person's own package may well have such a name, and modules in it.
constexpr std::array kModules = {
    "code"sv,     "commands"sv, "gc"sv,   "glob"sv,  "imp"sv,    "mmap"sv,
    "platform"sv, "profile"sv,  "site"sv, "trace"sv, "signal"sv,
};

struct Names {
  std::string_view module;
  std::span<const std::string_view> names;
};

// Not getattr: so Python itself names a class inside another one.
constexpr std::array kBuiltins = {
    "eval"sv,       "exec"sv,    "execfile"sv,  "compile"sv, "open"sv,       "file"sv,
    "__import__"sv, "input"sv,   "raw_input"sv, "apply"sv,   "breakpoint"sv, "help"sv,
    "setattr"sv,    "delattr"sv, "globals"sv,   "locals"sv,  "vars"sv,
};
constexpr std::array kGetters = {"attrgetter"sv, "itemgetter"sv, "methodcaller"sv};
constexpr std::array kReduce = {"reduce"sv};
constexpr std::array kTypeNames = {"CodeType"sv, "FunctionType"sv, "MethodType"sv, "LambdaType"sv,
                                   "ModuleType"sv};
constexpr std::array kLoad = {"load"sv, "_load"sv, "_legacy_load"sv, "compile"sv};
constexpr std::array kNumpy = {"load"sv, "loads"sv, "fromfile"sv, "memmap"sv, "fromregex"sv};
constexpr std::array kPandas = {"eval"sv, "read_pickle"sv};
constexpr std::array kOpen = {"open"sv, "open_code"sv, "FileIO"sv};
constexpr std::array kUuid = {"_get_command_stdout"sv, "_popen"sv};
constexpr std::array kLogging = {"FileHandler"sv, "dictConfig"sv, "fileConfig"sv};

constexpr std::array kFunctions = {
    Names{"builtins", kBuiltins},
    Names{"__builtin__", kBuiltins},
    Names{"__builtins__", kBuiltins},
    Names{"operator", kGetters},
    Names{"_operator", kGetters},
    Names{"functools", kReduce},
    Names{"_functools", kReduce},
    Names{"types", kTypeNames},
    Names{"torch", kLoad},
    Names{"torch.jit", kLoad},
    Names{"torch.serialization", kLoad},
    Names{"numpy", kNumpy},
    Names{"pandas", kPandas},
    Names{"io", kOpen},
    Names{"_io", kOpen},
    Names{"codecs", kOpen},
    Names{"uuid", kUuid},
    Names{"logging", kLogging},
    Names{"logging.config", kLogging},
};

bool is_or_is_within(std::string_view module, std::string_view other) {
  return module.starts_with(other) &&
         (module.size() == other.size() || module[other.size()] == '.');
}

bool is_dangerous_module(std::string_view module) {
  return std::find(kModules.begin(), kModules.end(), module) != kModules.end() ||
         std::any_of(kPackages.begin(), kPackages.end(),
                     [module](auto other) { return is_or_is_within(module, other); });
}

// From protocol 4 on a name may go through attributes: ("collections", "_sys.modules") and
// ("torch.serialization", "os.system") are the sys and os that those modules import.
bool goes_through_dangerous_module(std::string_view name) {
  for (auto point = name.find('.'); point != name.npos; point = name.find('.')) {
    auto part = name.substr(0, point);
    part.remove_prefix(std::min(part.find_first_not_of('_'), part.size()));
    if (is_dangerous_module(part)) return true;
    name.remove_prefix(point + 1);
  }
  return false;
}

}  // namespace

bool is_attack(std::string_view module, std::string_view name) {
  if (is_dangerous_module(module) || goes_through_dangerous_module(name)) return true;
  const auto first = name.substr(0, name.find('.'));
  return std::any_of(kFunctions.begin(), kFunctions.end(), [&](const Names& in) {
    return in.module == module &&
           std::find(in.names.begin(), in.names.end(), first) != in.names.end();
  });
}

}  // namespace latentreel::models

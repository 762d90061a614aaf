#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Python's pickles, read as data (protocols 2 to 5; models.md section 4.3). A pickle is a program
// that builds a value by naming classes and calling them. Here nothing is looked up and nothing is
// called: a name stays a name, a call stays a note of what would have been called with what. What
// a checkpoint holds can be found in that, whatever classes its writer had.

namespace latentreel::models {

// One value. A dictionary's items are key, value, key, value, …
struct PickleValue {
  enum class Kind {
    none,
    boolean,
    integer,
    big_integer,  // beyond 64 bits; its value is not kept
    real,
    text,  // bytes as they stand, UTF-8 in what Python writes
    bytes,
    list,
    tuple,
    dict,
    set,
    global,      // `module` and `text`: the name of a class or function
    call,        // `callee` with `arguments`; what was then put into it: `state`, `items`
    persistent,  // `arguments` says which storage, outside the pickle
  };

  Kind kind = Kind::none;
  bool entries = false;  // call: its items are keys and values
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::string module;
  std::vector<const PickleValue*> items;
  const PickleValue* callee = nullptr;
  const PickleValue* arguments = nullptr;
  const PickleValue* state = nullptr;

  bool is(Kind other) const { return kind == other; }
  // Whether this is the name of that class or function.
  bool is_global(std::string_view in_module, std::string_view name) const {
    return kind == Kind::global && module == in_module && text == name;
  }
  // Whether it holds keys and values: a dict, or an object that was filled like one (OrderedDict).
  bool is_mapping() const;
  // Its keys and values: those an OrderedDict was made from first, then those put into it.
  std::vector<std::pair<const PickleValue*, const PickleValue*>> mapping() const;
  // The last value under a text key, or nullptr.
  const PickleValue* find(std::string_view key) const;
  // In a few words, for messages: "a list", "an object of the class omegaconf.DictConfig".
  std::string described() const;
};

// What a pickle holds. The values point to one another (also in circles, where the writer's did)
// and live as long as this.
struct Pickle {
  std::deque<PickleValue> values;
  const PickleValue* root = nullptr;
  std::size_t size = 0;  // bytes read, its end mark included
};

// Limits of what is read.
inline constexpr std::size_t kPickleSizeLimit = 64 << 20;  // bytes
inline constexpr std::size_t kPickleValueLimit = 2'000'000;

// Reads the pickle that `bytes` begin with. `doing` begins every message: "reading data.pkl of
// /models/last.ckpt". Throws WeightsError (invalid) for anything that is not a well-formed pickle,
// is beyond the limits, or calls what only an attack calls (os.system, eval, …), which is named.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& doing);

}  // namespace latentreel::models

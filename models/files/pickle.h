#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Python's pickles, read as data (protocols 2 to 5; models.md section 4.3). A pickle is a program
// that builds a value by naming classes and calling them. Here nothing is looked up and nothing is
// called: a name stays a name, and a call is only recorded, with its arguments. That is enough to
// find what a checkpoint holds, whatever classes its writer had.

namespace latentreel::models {

// One value. A dictionary's items are key, value, key, value, … Texts are views of the pickle's
// bytes: a value that names the same text a million times costs no more than its bytes.
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
  std::string_view text;
  std::string_view module;
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
  // Calls `use` with every key and value: those an OrderedDict was made from first, then those put
  // into it. A key may come twice; the later one counts.
  template <class Use>
  void for_each_item(const Use& use) const;
  // How much for_each_item has to look at.
  std::size_t extent() const;
  // The last value under a text key, or nullptr.
  const PickleValue* find(std::string_view key) const;
  // In a few words, for messages: "a list", "an object of the class omegaconf.DictConfig".
  std::string described() const;

 private:
  // The list of pairs that an OrderedDict was made from, as old Pythons write it, or nullptr.
  const PickleValue* first_pairs() const;
};

// What a pickle holds. The values point to one another (also in circles, where the writer's did)
// and live as long as this, and as the bytes that it was read from.
struct Pickle {
  std::deque<PickleValue> values;
  const PickleValue* root = nullptr;
  std::size_t size = 0;  // bytes read, its end mark included
};

// Limits of what is read.
inline constexpr std::size_t kPickleSizeLimit = 64 << 20;  // bytes
inline constexpr std::size_t kPickleValueLimit = 2'000'000;
inline constexpr std::size_t kPickleItemLimit = 2 * kPickleValueLimit;  // of all values together

// Reads the pickle that `bytes` begin with; they have to outlive what is returned. `doing` begins
// every message: "reading data.pkl of /models/last.ckpt". Throws WeightsError (invalid) for
// anything that is not a well-formed pickle, is beyond the limits, or names what only an attack
// names (os.system, eval, …; pickle_attacks.h), which the message then says.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& doing);

template <class Use>
void PickleValue::for_each_item(const Use& use) const {
  if (!is_mapping()) return;
  if (const auto* pairs = first_pairs()) {
    for (const auto* pair : pairs->items) {
      const bool fits = (pair->is(Kind::tuple) || pair->is(Kind::list)) && pair->items.size() == 2;
      if (fits) use(*pair->items[0], *pair->items[1]);
    }
  }
  if (kind != Kind::dict && !entries) return;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) use(*items[i], *items[i + 1]);
}

}  // namespace latentreel::models

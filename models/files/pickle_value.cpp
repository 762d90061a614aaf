#include "models/files/error.h"
#include "models/files/pickle.h"

namespace latentreel::models {

bool PickleValue::is_mapping() const {
  return kind == Kind::dict ||
         (kind == Kind::call && (entries || callee->is_global("collections", "OrderedDict")));
}

const PickleValue* PickleValue::first_pairs() const {
  const bool has_pairs = kind == Kind::call && arguments->is(Kind::tuple) &&
                         arguments->items.size() == 1 && arguments->items[0]->is(Kind::list);
  return has_pairs ? arguments->items[0] : nullptr;
}

std::size_t PickleValue::extent() const {
  const auto* pairs = first_pairs();
  return items.size() / 2 + (pairs == nullptr ? 0 : pairs->items.size());
}

const PickleValue* PickleValue::find(std::string_view key) const {
  const PickleValue* found = nullptr;
  for_each_item([&](const PickleValue& name, const PickleValue& value) {
    if (name.is(Kind::text) && name.text == key) found = &value;
  });
  return found;
}

std::string PickleValue::described() const {
  const auto of = [](const PickleValue& name) -> std::string {
    if (!name.is(Kind::global)) return "no name";
    return shown(std::string(name.module).append(".").append(name.text));
  };
  switch (kind) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return "a truth value";
    case Kind::integer:
    case Kind::big_integer:
      return "a whole number";
    case Kind::real:
      return "a number";
    case Kind::text:
      return "a text";
    case Kind::bytes:
      return "bytes";
    case Kind::list:
      return "a list";
    case Kind::tuple:
      return "a tuple";
    case Kind::dict:
      return "a dictionary";
    case Kind::set:
      return "a set";
    case Kind::global:
      return "the name " + of(*this);
    case Kind::call:
      return "an object of " + of(*callee);
    case Kind::persistent:
      return "a bare storage";
  }
  return "something";
}

}  // namespace latentreel::models

#include "models/files/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/files/error.h"
#include "models/files/pickle_attacks.h"

namespace latentreel::models {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kLongestGlobal = 1000;  // of a class, or of its module; bytes
constexpr const char* kNoCheckpoint = "No checkpoint of these networks looks like that.";

// The stack machine that pickles are written for, with notes in place of calls.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& doing)
      : bytes_(bytes), doing_(doing) {}

  Pickle run() {
    while (step()) {
    }
    result_.size = at_;
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(
      const std::string& problem,
      const std::string& advice = "The file is damaged; fetch it again.") const {
    throw WeightsError(WeightsError::Kind::invalid,
                       {.doing = doing_,
                        .tensor = {},
                        .problem = fmt::format("{}, at byte {} of the pickle", problem, at_),
                        .advice = advice});
  }

  // ---- Reading ----------------------------------------------------------------------------------

  const std::byte* take(std::uint64_t count) {
    if (count > bytes_.size() - at_) refuse("it ends too early");
    const auto* data = bytes_.data() + at_;
    at_ += count;
    return data;
  }

  template <class Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }

  std::string_view text(std::uint64_t count) {
    const auto* data = take(count);
    return {reinterpret_cast<const char*>(data), count};
  }

  // A length that the format stores with a sign.
  std::uint64_t signed_length() {
    const auto length = number<std::int32_t>();
    if (length < 0) refuse("it holds a negative length");
    return static_cast<std::uint64_t>(length);
  }

  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_,
                                bytes_.size() - at_);
    const auto end = rest.find('\n');
    if (end == rest.npos) refuse("it ends inside a name");
    at_ += end + 1;
    return rest.substr(0, end);
  }

  // Little-endian two's complement of any length.
  void push_long(std::uint64_t count) {
    const auto* data = take(count);
    if (count > sizeof(std::int64_t)) {
      push(Kind::big_integer);
      return;
    }
    std::uint64_t bits = 0;
    if (count > 0 && std::to_integer<int>(data[count - 1]) >= 0x80) bits = ~bits;
    for (auto i = count; i-- > 0;) bits = bits << 8 | std::to_integer<std::uint64_t>(data[i]);
    push(Kind::integer).integer = static_cast<std::int64_t>(bits);
  }

  void push_real() {
    const auto bits = number<std::uint64_t>();  // big-endian, as nothing else here
    std::uint64_t swapped = 0;
    for (int i = 0; i < 8; ++i) swapped = swapped << 8 | ((bits >> (8 * i)) & 0xff);
    push(Kind::real).real = std::bit_cast<double>(swapped);
  }

  // ---- The stack --------------------------------------------------------------------------------

  PickleValue& make(Kind kind) {
    auto& values = result_.values;
    if (values.size() >= kPickleValueLimit) {
      refuse(fmt::format("it holds more than {} values", kPickleValueLimit), kNoCheckpoint);
    }
    values.emplace_back().kind = kind;
    return values.back();
  }

  PickleValue& push(Kind kind) {
    auto& value = make(kind);
    stack_.push_back(&value);
    return value;
  }

  void push_text(std::string_view value) { push(Kind::text).text = value; }
  void push_bytes(std::string_view value) { push(Kind::bytes).text = value; }

  // The values above the last mark are out of reach of what pops a single one.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleValue* top() {
    if (stack_.size() <= floor()) refuse("it takes a value that is not there");
    return stack_.back();
  }

  PickleValue* pop() {
    auto* value = top();
    stack_.pop_back();
    return value;
  }

  // The values since the last mark, which goes too.
  std::vector<const PickleValue*> pop_mark() {
    if (marks_.empty()) refuse("it looks for a mark that is not there");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<const PickleValue*> values(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return values;
  }

  // Two bytes of a pickle can put a value somewhere once more.
  void count_items(std::size_t count) {
    items_ += count;
    if (items_ > kPickleItemLimit) {
      refuse(fmt::format("its values hold more than {} items", kPickleItemLimit), kNoCheckpoint);
    }
  }

  void push_filled(Kind kind, std::vector<const PickleValue*> items) {
    count_items(items.size());
    push(kind).items = std::move(items);
  }

  void push_tuple(int count) {
    std::vector<const PickleValue*> items(static_cast<std::size_t>(count));
    for (auto i = items.rbegin(); i != items.rend(); ++i) *i = pop();
    push_filled(Kind::tuple, std::move(items));
  }

  // ---- Filling ----------------------------------------------------------------------------------

  void append(const std::vector<const PickleValue*>& values) {
    auto* target = top();
    if (!target->is(Kind::list) && !target->is(Kind::set) && !target->is(Kind::call)) {
      refuse("it appends to " + target->described());
    }
    if (target->is(Kind::call) && target->entries)
      return;  // neither list nor dict: not one of ours
    count_items(values.size());
    target->items.insert(target->items.end(), values.begin(), values.end());
  }

  void set_items(const std::vector<const PickleValue*>& values) {
    auto* target = top();
    if (!target->is(Kind::dict) && !target->is(Kind::call)) {
      refuse("it sets a key of " + target->described());
    }
    if (values.size() % 2 != 0) refuse("it sets a key without a value");
    if (target->is(Kind::call) && !target->entries) {
      target->items.clear();
      target->entries = true;
    }
    count_items(values.size());
    target->items.insert(target->items.end(), values.begin(), values.end());
  }

  // ---- Names and calls, which stay notes --------------------------------------------------------

  void push_global(std::string_view module, std::string_view name) {
    if (module.size() > kLongestGlobal || name.size() > kLongestGlobal) {
      refuse(fmt::format("it names a class by more than {} bytes", kLongestGlobal), kNoCheckpoint);
    }
    if (is_attack(module, name)) {
      refuse(fmt::format("it would have Python run {}: it was made to run code",
                         shown(std::string(module).append(".").append(name), 300)),
             "Nothing of it was run. Do not open this file with other programs; get the model from "
             "its makers.");
    }
    auto& value = push(Kind::global);
    value.module = module;
    value.text = name;
  }

  void push_global_from_stack() {
    const auto* name = pop();
    const auto* module = pop();
    if (!name->is(Kind::text) || !module->is(Kind::text)) refuse("it names a class by no text");
    push_global(module->text, name->text);
  }

  void push_call() {
    const auto* arguments = pop();
    const auto* callee = pop();
    if (!callee->is(Kind::global) && !callee->is(Kind::call)) {
      refuse("it calls " + callee->described());
    }
    auto& value = push(Kind::call);
    value.callee = callee;
    value.arguments = arguments;
  }

  // NEWOBJ_EX has keyword arguments too.
  void push_call_with_keywords() {
    pop();
    push_call();
  }

  void build() {
    const auto* state = pop();
    auto* target = top();
    if (target->is(Kind::call)) target->state = state;
  }

  void push_persistent() {
    const auto* id = pop();
    push(Kind::persistent).arguments = id;
  }

  // Writers number what they keep from 0 on.
  void remember(std::uint64_t index) {
    auto* value = top();
    if (index >= kPickleValueLimit) {
      refuse(fmt::format("it keeps a value under the number {}", index), kNoCheckpoint);
    }
    if (index >= memo_.size()) memo_.resize(index + 1);
    if (memo_[index] == nullptr) ++kept_;
    memo_[index] = value;
  }

  void recall(std::uint64_t index) {
    if (index >= memo_.size() || memo_[index] == nullptr) {
      refuse("it recalls a value that it has not kept");
    }
    push_again(memo_[index]);
  }

  void push_again(PickleValue* value) {
    if (stack_.size() >= kPickleValueLimit)
      refuse("its stack grows beyond all bounds", kNoCheckpoint);
    stack_.push_back(value);
  }

  void check_protocol() {
    const auto protocol = number<std::uint8_t>();
    if (protocol < 2 || protocol > 5) {
      refuse(fmt::format("it is written in protocol {}; 2 to 5 are read", protocol));
    }
  }

  // Does one instruction. False: it was the last.
  // clang-format off
  bool step() {
    const auto opcode = number<std::uint8_t>();
    switch (opcode) {
      case 0x80: check_protocol(); break;
      case 0x95: number<std::uint64_t>(); break;  // FRAME: a hint for readers of streams
      case '.': result_.root = pop(); return false;

      case 'N': push(Kind::none); break;
      case 0x88: push(Kind::boolean).integer = 1; break;
      case 0x89: push(Kind::boolean); break;
      case 'J': push(Kind::integer).integer = number<std::int32_t>(); break;
      case 'K': push(Kind::integer).integer = number<std::uint8_t>(); break;
      case 'M': push(Kind::integer).integer = number<std::uint16_t>(); break;
      case 0x8a: push_long(number<std::uint8_t>()); break;
      case 0x8b: push_long(signed_length()); break;
      case 'G': push_real(); break;

      case 'X': push_text(text(number<std::uint32_t>())); break;
      case 0x8c: push_text(text(number<std::uint8_t>())); break;
      case 0x8d: push_text(text(number<std::uint64_t>())); break;
      case 'U': push_text(text(number<std::uint8_t>())); break;  // Python 2's str
      case 'T': push_text(text(signed_length())); break;
      case 'C': push_bytes(text(number<std::uint8_t>())); break;
      case 'B': push_bytes(text(number<std::uint32_t>())); break;
      case 0x8e: case 0x96: push_bytes(text(number<std::uint64_t>())); break;

      case '}': push(Kind::dict); break;
      case ']': push(Kind::list); break;
      case 0x8f: push(Kind::set); break;
      case ')': push_tuple(0); break;
      case 0x85: push_tuple(1); break;
      case 0x86: push_tuple(2); break;
      case 0x87: push_tuple(3); break;
      case 't': push_filled(Kind::tuple, pop_mark()); break;
      case 0x91: push_filled(Kind::set, pop_mark()); break;

      case '(': push_mark(); break;
      case '0': drop(); break;
      case '1': pop_mark(); break;
      case '2': push_again(top()); break;

      case 'a': append({pop()}); break;
      case 'e': case 0x90: append(pop_mark()); break;
      case 's': {
        const auto* value = pop();
        const auto* key = pop();
        set_items({key, value});
        break;
      }
      case 'u': set_items(pop_mark()); break;

      case 'c': {
        const auto module = line();
        push_global(module, line());
        break;
      }
      case 0x93: push_global_from_stack(); break;
      case 'R': case 0x81: push_call(); break;
      case 0x92: push_call_with_keywords(); break;
      case 'b': build(); break;
      case 'Q': push_persistent(); break;

      case 'q': remember(number<std::uint8_t>()); break;
      case 'r': remember(number<std::uint32_t>()); break;
      case 0x94: remember(kept_); break;
      case 'h': recall(number<std::uint8_t>()); break;
      case 'j': recall(number<std::uint32_t>()); break;

      default:
        refuse(
            fmt::format("it holds the instruction 0x{:02x}, which checkpoints do not use", opcode),
            "The file is damaged, or it is not a checkpoint.");
    }
    return true;
  }
  // clang-format on

  void push_mark() {
    if (marks_.size() >= kPickleValueLimit)
      refuse("its marks grow beyond all bounds", kNoCheckpoint);
    marks_.push_back(stack_.size());
  }

  // POP takes a mark where there is nothing above it.
  void drop() {
    if (!marks_.empty() && stack_.size() == marks_.back()) {
      marks_.pop_back();
    } else {
      pop();
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& doing_;
  std::size_t at_ = 0;
  Pickle result_;
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::vector<PickleValue*> memo_;  // nullptr: nothing is kept there
  std::size_t kept_ = 0;
  std::size_t items_ = 0;
};

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& doing) {
  return Machine(bytes.first(std::min(bytes.size(), kPickleSizeLimit)), doing).run();
}

}  // namespace latentreel::models

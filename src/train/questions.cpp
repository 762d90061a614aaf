#include "src/train/questions.h"

#include <set>
#include <utility>

#include "src/train/world/captions.h"
#include "src/train/world/random.h"

namespace latentreel::train {

std::vector<Question> questions(int count, bool coloured) {
  std::vector<Question> asked;
  std::set<std::string> seen;
  for (uint64_t number = 0; static_cast<int>(asked.size()) < count && number < 100'000; ++number) {
    world::Random random(7'777, number);
    const auto composition = world::draw_composition(random, world::Purpose::test);
    if (composition.things.size() != 1) continue;
    const auto& thing = composition.things[0];
    const auto colour = world::normalized_colour(thing.thing, thing.colour);
    if (colour.has_value() != coloured) continue;
    auto plain = composition;
    plain.style = world::Style::plain;
    auto prompt = world::plain_caption(plain);
    if (!seen.insert(prompt).second) continue;
    asked.push_back({std::move(prompt), static_cast<int>(thing.thing), colour, std::move(plain)});
  }
  return asked;
}

}  // namespace latentreel::train

#include "src/train/world/things.h"

#include <array>

#include "src/train/world/drawings.h"

namespace latentreel::world {
namespace {

enum class Where { stands, flies };

struct Kind {
  Thing thing;
  std::string_view name;
  void (*draw)(Brush&, Rgb);
  Where where;
  std::optional<Colour> natural;  // or, without a name for it:
  Rgb tint{};
};

using enum Colour;
constexpr auto stands_on = Where::stands;
constexpr auto flies = Where::flies;

constexpr std::array<Kind, kThings> kKinds{{
    {Thing::tree, "tree", draw_tree, stands_on, green},
    {Thing::pine_tree, "pine tree", draw_pine_tree, stands_on, std::nullopt, rgb(44, 130, 92)},
    {Thing::palm_tree, "palm tree", draw_palm_tree, stands_on, green},
    {Thing::cactus, "cactus", draw_cactus, stands_on, green},
    {Thing::house, "house", draw_house, stands_on, std::nullopt, rgb(250, 226, 178)},
    {Thing::castle, "castle", draw_castle, stands_on, gray},
    {Thing::lighthouse, "lighthouse", draw_lighthouse, stands_on, red},
    {Thing::sailboat, "sailboat", draw_sailboat, stands_on, white},
    {Thing::hot_air_balloon, "hot air balloon", draw_hot_air_balloon, flies, red},
    {Thing::rocket, "rocket", draw_rocket, flies, white},
    {Thing::heart, "heart", draw_heart, flies, red},
    {Thing::star, "star", draw_star, flies, yellow},
    {Thing::flower, "flower", draw_flower, stands_on, pink},
    {Thing::mushroom, "mushroom", draw_mushroom, stands_on, red},
    {Thing::apple, "apple", draw_apple, stands_on, red},
    {Thing::fish, "fish", draw_fish, flies, orange},
    {Thing::butterfly, "butterfly", draw_butterfly, flies, purple},
    {Thing::cat, "cat", draw_cat, stands_on, orange},
    {Thing::umbrella, "umbrella", draw_umbrella, stands_on, purple},
    {Thing::snowman, "snowman", draw_snowman, stands_on, white},
    {Thing::cup, "cup", draw_cup, stands_on, blue},
    {Thing::key, "key", draw_key, flies, yellow},
    {Thing::candle, "candle", draw_candle, stands_on, red},
    {Thing::car, "car", draw_car, stands_on, red},
    {Thing::ghost, "ghost", draw_ghost, flies, white},
    {Thing::crown, "crown", draw_crown, stands_on, yellow},
    {Thing::ice_cream, "ice cream", draw_ice_cream, flies, pink},
    {Thing::pyramid, "pyramid", draw_pyramid, stands_on, std::nullopt, rgb(236, 194, 112)},
    {Thing::volcano, "volcano", draw_volcano, stands_on, brown},
    {Thing::sun, "sun", draw_sun, flies, yellow},
    {Thing::moon, "moon", draw_moon, flies, std::nullopt, rgb(252, 228, 130)},
    {Thing::rainbow, "rainbow", draw_rainbow, flies, std::nullopt, rgb(232, 66, 60)},
    {Thing::dog, "dog", draw_dog, stands_on, brown},
    {Thing::rabbit, "rabbit", draw_rabbit, stands_on, white},
    {Thing::bear, "bear", draw_bear, stands_on, brown},
    {Thing::elephant, "elephant", draw_elephant, stands_on, gray},
    {Thing::dinosaur, "dinosaur", draw_dinosaur, stands_on, green},
    {Thing::bird, "bird", draw_bird, stands_on, blue},
    {Thing::duck, "duck", draw_duck, stands_on, yellow},
    {Thing::owl, "owl", draw_owl, stands_on, brown},
    {Thing::penguin, "penguin", draw_penguin, stands_on, black},
    {Thing::whale, "whale", draw_whale, stands_on, blue},
    {Thing::octopus, "octopus", draw_octopus, stands_on, purple},
    {Thing::turtle, "turtle", draw_turtle, stands_on, green},
    {Thing::snail, "snail", draw_snail, stands_on, orange},
    {Thing::robot, "robot", draw_robot, stands_on, gray},
    {Thing::train, "train", draw_train, stands_on, blue},
    {Thing::airplane, "airplane", draw_airplane, flies, white},
    {Thing::windmill, "windmill", draw_windmill, stands_on, white},
    {Thing::cake, "cake", draw_cake, stands_on, pink},
    {Thing::banana, "banana", draw_banana, stands_on, yellow},
    {Thing::strawberry, "strawberry", draw_strawberry, stands_on, red},
    {Thing::carrot, "carrot", draw_carrot, stands_on, orange},
    {Thing::teapot, "teapot", draw_teapot, stands_on, green},
    {Thing::bell, "bell", draw_bell, flies, yellow},
    {Thing::guitar, "guitar", draw_guitar, stands_on, orange},
    {Thing::clock, "clock", draw_clock, stands_on, red},
    {Thing::kite, "kite", draw_kite, flies, red},
    {Thing::cloud, "cloud", draw_cloud, flies, white},
    {Thing::planet, "planet", draw_planet, flies, orange},
}};

constexpr bool in_order() {
  for (int i = 0; i < kThings; ++i) {
    if (static_cast<int>(kKinds[static_cast<std::size_t>(i)].thing) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table follows the enumeration");

const Kind& kind_of(Thing thing) {
  return kKinds.at(static_cast<std::size_t>(thing));
}

}  // namespace

std::string_view name(Thing thing) {
  return kind_of(thing).name;
}

bool stands(Thing thing) {
  return kind_of(thing).where == Where::stands;
}

bool can_be_coloured(Thing thing) {
  return thing != Thing::rainbow;
}

std::optional<Colour> natural_colour(Thing thing) {
  return kind_of(thing).natural;
}

void draw(Brush& brush, Thing thing, std::optional<Colour> colour, double tone) {
  const Kind& kind = kind_of(thing);
  if (!colour) colour = kind.natural;
  Rgb body = colour ? paint_of(*colour) : kind.tint;
  if (tone > 0) body = lighter(body, 0.12 * tone);
  if (tone < 0) body = darker(body, -0.12 * tone);
  kind.draw(brush, body);
}

}  // namespace latentreel::world

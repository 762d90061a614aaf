#include "src/train/world/words.h"

#include <array>

namespace latentreel::world {
namespace {

template <typename Value, typename Key>
const Value& entry(const std::vector<Value>& table, Key key) {
  return table.at(static_cast<std::size_t>(key));
}

// In the order of Thing.
const std::vector<Noun>& nouns() {
  static const std::vector<Noun> table{
      {{"tree", "oak", "oak tree"}, {"trees"}},
      {{"pine tree", "fir tree", "christmas tree", "pine"}, {"pine trees", "fir trees"}},
      {{"palm tree", "palm"}, {"palm trees", "palms"}},
      {{"cactus"}, {"cactuses", "cacti"}},
      {{"house", "cottage", "hut"}, {"houses"}},
      {{"castle", "fortress", "palace"}, {"castles"}},
      {{"lighthouse"}, {"lighthouses"}},
      {{"sailboat", "boat", "ship", "sailing boat", "sailing ship"},
       {"sailboats", "boats", "ships"}},
      {{"hot air balloon", "balloon"}, {"hot air balloons", "balloons"}},
      {{"rocket", "spaceship", "rocket ship"}, {"rockets"}},
      {{"heart"}, {"hearts"}},
      {{"star"}, {"stars"}},
      {{"flower", "blossom", "daisy"}, {"flowers"}},
      {{"mushroom", "toadstool"}, {"mushrooms"}},
      {{"apple"}, {"apples"}},
      {{"fish", "goldfish"}, {"fish", "fishes"}},
      {{"butterfly"}, {"butterflies"}},
      {{"cat", "kitten", "kitty"}, {"cats", "kittens"}},
      {{"umbrella", "parasol"}, {"umbrellas"}},
      {{"snowman"}, {"snowmen"}},
      {{"cup", "mug", "cup of coffee", "cup of tea"}, {"cups", "mugs"}},
      {{"key"}, {"keys"}},
      {{"candle"}, {"candles"}},
      {{"car", "automobile"}, {"cars"}},
      {{"ghost"}, {"ghosts"}},
      {{"crown"}, {"crowns"}},
      {{"ice cream", "ice cream cone"}, {"ice creams", "ice cream cones"}},
      {{"pyramid"}, {"pyramids"}},
      {{"volcano"}, {"volcanoes"}},
      {{"sun"}, {"suns"}},
      {{"moon", "crescent moon", "crescent"}, {"moons"}},
      {{"rainbow"}, {"rainbows"}},
      {{"dog", "puppy"}, {"dogs", "puppies"}},
      {{"rabbit", "bunny", "hare"}, {"rabbits", "bunnies"}},
      {{"bear", "teddy bear", "teddy"}, {"bears", "teddy bears"}},
      {{"elephant"}, {"elephants"}},
      {{"dinosaur", "dragon"}, {"dinosaurs", "dragons"}},
      {{"bird"}, {"birds"}},
      {{"duck", "duckling"}, {"ducks"}},
      {{"owl"}, {"owls"}},
      {{"penguin"}, {"penguins"}},
      {{"whale"}, {"whales"}},
      {{"octopus"}, {"octopuses"}},
      {{"turtle", "tortoise"}, {"turtles"}},
      {{"snail"}, {"snails"}},
      {{"robot"}, {"robots"}},
      {{"train", "locomotive", "steam train"}, {"trains"}},
      {{"airplane", "plane", "aeroplane"}, {"airplanes", "planes"}},
      {{"windmill", "mill"}, {"windmills"}},
      {{"cake", "birthday cake"}, {"cakes"}},
      {{"banana"}, {"bananas"}},
      {{"strawberry"}, {"strawberries"}},
      {{"carrot"}, {"carrots"}},
      {{"teapot", "pot"}, {"teapots"}},
      {{"bell"}, {"bells"}},
      {{"guitar"}, {"guitars"}},
      {{"clock", "alarm clock"}, {"clocks"}},
      {{"kite"}, {"kites"}},
      {{"cloud"}, {"clouds"}},
      {{"planet", "saturn"}, {"planets"}},
  };
  return table;
}

}  // namespace

const Noun& words_of(Thing thing) {
  return entry(nouns(), thing);
}

const Phrases& words_of(Colour colour) {
  static const std::vector<Phrases> table{
      {"red", "scarlet"},
      {"orange"},
      {"yellow", "golden", "gold"},
      {"green"},
      {"blue"},
      {"purple", "violet"},
      {"pink"},
      {"brown"},
      {"black"},
      {"white"},
      {"gray", "grey", "silver"},
  };
  return entry(table, colour);
}

const PlaceWords& words_of(Sky sky) {
  static const std::vector<PlaceWords> table{
      {{"under a blue sky", "on a sunny day", "by day", "in the daytime", "under a clear sky",
        "under the blue sky"},
       {"a blue sky", "a clear sky", "the blue sky"}},
      {{"at sunset", "in the evening", "at dusk", "under a sunset sky"},
       {"a sunset", "a sunset sky", "the evening sky"}},
      {{"at night", "under a night sky", "under a starry sky", "in the night", "by night",
        "in the dark"},
       {"a night sky", "a starry sky", "a starry night", "the sky at night"}},
      {{"under a cloudy sky", "on a cloudy day", "in cloudy weather", "under an overcast sky"},
       {"a cloudy sky", "an overcast sky", "cloudy weather"}},
  };
  return entry(table, sky);
}

const Phrases& words_of_mere(Sky sky) {
  static const std::vector<Phrases> table{
      {"in a blue sky", "in the blue sky", "in a clear sky", "against a blue sky"},
      {"in a sunset sky", "in the evening sky", "against a sunset"},
      {"in a night sky", "in the night sky", "in a starry sky"},
      {"in a cloudy sky", "among the clouds", "in the clouds"},
  };
  return entry(table, sky);
}

const PlaceWords& words_of(Land land) {
  // From hills on; there is no land before them.
  static const std::vector<PlaceWords> table{
      {{}, {}},
      {{"on green hills", "on a hill", "on the grass", "on a green hill", "in a green landscape",
        "over the hills"},
       {"green hills", "hills", "a green landscape"}},
      {{"in the sea", "on the sea", "on the water", "in the ocean", "on the waves", "at sea",
        "over the sea"},
       {"the sea", "the ocean", "waves"}},
      {{"in the desert", "in a desert", "on the sand dunes", "on a dune", "over the desert"},
       {"a desert", "the desert", "sand dunes"}},
      {{"in the snow", "on the snow", "in winter", "in a snowy landscape", "over the snow"},
       {"snow", "a snowy landscape", "winter"}},
      {{"in a forest", "in the forest", "in the woods", "in a wood", "over the forest"},
       {"a forest", "the woods", "a dark forest"}},
      {{"in the mountains", "in front of mountains", "near the mountains", "over the mountains"},
       {"mountains", "snowy mountains", "the mountains", "a mountain"}},
      {{"in the city", "in a city", "in a town", "on the street", "on the road",
        "in front of buildings", "over the city", "over the roofs"},
       {"a city", "a town", "a street", "buildings"}},
      {{"on the beach", "at the beach", "on a sandy beach", "on the shore", "in the sand",
        "over the beach"},
       {"a beach", "a sandy beach", "the shore"}},
      {{"in a meadow", "in a field of flowers", "in the garden", "on a meadow", "in a field",
        "over a meadow"},
       {"a meadow", "a field of flowers", "a garden"}},
  };
  return entry(table, land);
}

const PlaceWords& words_of(Ground::Kind kind) {
  static const std::vector<PlaceWords> table{
      {{"on a % background", "on %", "in front of a % background", "on % paper", "against %",
        "with a % background", "in front of a % wall"},
       {"a % background", "% paper", "a % wall", "the color %"}},
      {{}, {}},
      {{"in space", "in outer space", "in deep space", "among the stars"},
       {"space", "outer space", "the universe", "deep space"}},
      {{"under water", "underwater", "under the sea", "at the bottom of the sea",
        "in the deep sea"},
       {"under water", "the bottom of the sea", "an underwater world"}},
      {{"in a room", "at home", "indoors", "inside", "in front of a window"},
       {"a room", "a room with a window"}},
  };
  return entry(table, kind);
}

const StyleWords& words_of(Style style) {
  static const std::vector<StyleWords> table{
      {{}, {}},
      {{"a watercolor painting of", "a watercolor of", "watercolour of", "a watercolor picture of"},
       {"in watercolor", "watercolor", "watercolor style", "painted in watercolors"}},
      {{"a black and white photo of", "a black and white picture of",
        "a black and white drawing of"},
       {"in black and white", "black and white", "black and white style"}},
      {{"a sepia photo of", "a sepia picture of", "an old photo of"},
       {"in sepia", "sepia", "sepia style", "in sepia tones"}},
      {{"a pastel drawing of", "a pastel picture of", "a pastel of"},
       {"in pastel colors", "pastel", "pastel style", "in soft pastel"}},
      {{"pixel art of", "a pixel art picture of", "a pixel picture of"},
       {"in pixel art", "pixel art", "pixel art style", "pixelated", "made of pixels"}},
  };
  return entry(table, style);
}

const Phrases& openings() {
  static const Phrases phrases{
      "a picture of",
      "an image of",
      "a drawing of",
      "a painting of",
      "an illustration of",
      "a photo of",
      "a photograph of",
      "a view of",
      "a scene with",
      "this is",
      "there is",
      "here is",
      "it is",
      "i see",
      "we see",
      "draw",
      "paint",
      "show me",
      "look at",
      "imagine",
      "a poster of",
      "a cartoon of",
      "a sticker of",
      "once upon a time there was",
      "a picture book with",
  };
  return phrases;
}

const Phrases& closings() {
  static const Phrases phrases{
      "very detailed", "for children",
      "please",        "cartoon",
      "picture book",  "storybook",
      "art",           "illustration",
      "fantasy",       "fairy tale",
      "high quality",  "so beautiful",
      "trending",      "in the style of a children book",
      "by a painter",  "clip art",
      "flat",          "vector graphics",
  };
  return phrases;
}

const Phrases& adjectives() {
  static const Phrases phrases{"cute",      "pretty",    "nice",   "lovely",   "happy",
                               "funny",     "beautiful", "old",    "young",    "simple",
                               "magic",     "bright",    "single", "colorful", "friendly",
                               "wonderful", "smiling",   "new",    "fine",     "strange"};
  return phrases;
}

const Phrases& shades() {
  static const Phrases phrases{"bright", "dark", "light", "deep", "pale"};
  return phrases;
}

const Phrases& words_for_large() {
  static const Phrases phrases{"big", "large", "huge", "giant"};
  return phrases;
}

const Phrases& words_for_small() {
  static const Phrases phrases{"small", "little", "tiny"};
  return phrases;
}

const Phrases& joining() {
  static const Phrases phrases{"and",  "with",          "next to", "beside",
                               "near", "together with", "over",    "behind"};
  return phrases;
}

const Phrases& pairs() {
  static const Phrases phrases{"two", "a pair of", "some", "a couple of"};
  return phrases;
}

const Phrases& articles() {
  static const Phrases phrases{"a", "the", "one", "my", "our", "this"};
  return phrases;
}

const Phrases& small_words() {
  static const Phrases phrases{"a", "an", "the", "in", "on", "at", "of", "is", "one", "by"};
  return phrases;
}

}  // namespace latentreel::world

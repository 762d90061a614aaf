#pragma once

#include <string_view>
#include <vector>

#include "src/train/world/composition.h"

// Every word that captions are made of. Of several ways to say something the first is the one that
// plain captions use. A "%" stands for a colour's name. Articles are "a" here and become "an" where
// they must.

namespace latentreel::world {

using Phrases = std::vector<std::string_view>;

struct Noun {
  Phrases one;   // "cat", "kitten"
  Phrases many;  // "cats", "kittens"
};
// How a ground is named after a thing ("in the snow"), and when it is all there is ("a snowy
// landscape").
struct PlaceWords {
  Phrases behind;
  Phrases alone;
};
// Before a caption ("a watercolor painting of") and after it ("in watercolor").
struct StyleWords {
  Phrases before;
  Phrases behind;
};

const Noun& words_of(Thing thing);
const Phrases& words_of(Colour colour);
const PlaceWords& words_of(Sky sky);    // with or without a land
const Phrases& words_of_mere(Sky sky);  // behind a thing where there is no land: "in a blue sky"
const PlaceWords& words_of(Land land);  // not Land::none
const PlaceWords& words_of(Ground::Kind kind);  // not outdoors
const StyleWords& words_of(Style style);        // the plain one has no words

const Phrases& openings();    // "a picture of"
const Phrases& closings();    // what people add without changing the meaning
const Phrases& adjectives();  // "cute"
const Phrases& shades();      // of a colour, which pictures do not tell apart: "dark"
const Phrases& words_for_large();
const Phrases& words_for_small();
const Phrases& joining();      // between two things: "and"
const Phrases& pairs();        // before a plural: "two"
const Phrases& articles();     // before one thing
const Phrases& small_words();  // what a hasty prompt leaves out: "a", "the", "in"

}  // namespace latentreel::world

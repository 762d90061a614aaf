#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/train/world/composition.h"

namespace latentreel::world {

// What a caption says; what it leaves out is empty here.
struct Meaning {
  struct Named {
    Thing thing;
    std::optional<Colour> colour;  // nothing: its natural one, mentioned or not
    friend auto operator<=>(const Named&, const Named&) = default;
  };
  std::vector<Named> things;
  std::optional<Ground::Kind> kind;
  std::optional<Colour> paper;  // with the kind plain
  std::optional<Sky> sky;
  std::optional<Land> land;
  std::optional<Style> style;
};

struct Caption {
  std::string text;
  Meaning meaning;
  std::vector<std::string> unknown;  // the words in it that mean nothing
};

// Says the composition as people write prompts: in full sentences or in a hasty row of words, with
// synonyms, now and then without its ground or with words that nobody knows. Lower case. A thing's
// colour is always said when it is not its natural one.
Caption caption(const Composition& composition, Random& random);

// The one caption that says everything and adds nothing: "a blue heart on a white background". Two
// compositions have the same one exactly where they show the same things in the same colours,
// ground and style.
std::string plain_caption(const Composition& composition);

// "an orange cat": a thing as plain_caption says it, its colour even where it is the natural one.
std::string plain_name(Thing thing, std::optional<Colour> colour);

// All words that a caption can hold besides unknown ones: sorted, each once, of the letters a to z.
const std::vector<std::string>& known_words();

// Whether that picture shows all that the caption says.
bool satisfies(const Composition& composition, const Meaning& meaning);

}  // namespace latentreel::world

#include "src/train/world/captions.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "src/train/world/words.h"

namespace latentreel::world {
namespace {

constexpr double kPlaceLeftOut = 0.18, kPartLeftOut = 0.12, kStyleLeftOut = 0.08;
constexpr double kNaturalColourSaid = 0.25;
constexpr double kHasty = 0.14;  // without small words
constexpr double kOpening = 0.22, kClosing = 0.10, kAdjective = 0.16, kShade = 0.07,
                 kSizeSaid = 0.4;
constexpr double kUnknown = 0.14;  // captions with words that mean nothing
constexpr double kFullStop = 0.06;

std::string pick(const Phrases& phrases, Random& random) {
  // The plain way is the most usual one.
  if (random.chance(0.3)) return std::string(phrases.front());
  return std::string(
      phrases[static_cast<std::size_t>(random.below(static_cast<int>(phrases.size())))]);
}

void add(std::string& text, const std::string& more) {
  if (more.empty()) return;
  if (!text.empty()) text += ' ';
  text += more;
}

std::string coloured(std::string phrase, const std::string& colour) {
  const std::size_t at = phrase.find('%');
  return at == std::string::npos ? phrase : phrase.replace(at, 1, colour);
}

std::vector<std::string> words_in(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) add(text, word);
  return text;
}

bool begins_with_vowel(const std::string& word) {
  return std::string_view("aeiou").find(word.front()) != std::string_view::npos;
}

// "a orange" becomes "an orange", "an blue" "a blue".
void agree_articles(std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "a" && words[i] != "an") continue;
    // "universe" and "underwater" differ by ear, not by letter.
    const bool vowel = begins_with_vowel(words[i + 1]) && words[i + 1] != "universe";
    words[i] = vowel ? "an" : "a";
  }
}

Meaning::Named named(const PlacedThing& placed) {
  return {placed.thing, placed.colour};
}

bool are_twins(const std::vector<PlacedThing>& things) {
  return things.size() == 2 && named(things[0]) == named(things[1]);
}

// Says a composition in some of the many ways.
class Speaker {
 public:
  Speaker(const Composition& composition, Random& random)
      : composition_(composition), random_(random) {}

  Caption speak() {
    const std::string subject = composition_.things.empty() ? "" : things();
    const std::string place = subject.empty() ? mere_ground() : ground();
    const bool place_first = !subject.empty() && !place.empty() && random_.chance(0.14);
    const bool styled = says_style();
    const bool style_first = styled && random_.chance(0.5);
    std::string text;
    if (place_first) text = place + (random_.chance(0.5) ? " ," : "");
    if (style_first) add(text, pick(words_of(composition_.style).before, random_));
    if (!style_first && random_.chance(kOpening)) add(text, pick(openings(), random_));
    add(text, subject);
    if (!place_first) add(text, place);
    if (styled && !style_first) {
      if (random_.chance(0.5)) add(text, ",");
      add(text, pick(words_of(composition_.style).behind, random_));
    }
    if (random_.chance(kClosing)) {
      if (random_.chance(0.5)) add(text, ",");
      add(text, pick(closings(), random_));
    }
    std::vector<std::string> words = words_in(text);
    agree_articles(words);
    if (random_.chance(kHasty)) leave_out_small_words(words);
    if (random_.chance(kUnknown)) insert_unknown(words);
    caption_.text = tidied(words);
    return std::move(caption_);
  }

 private:
  std::string things() {
    for (const PlacedThing& placed : composition_.things) {
      caption_.meaning.things.push_back(named(placed));
    }
    const std::vector<PlacedThing>& placed = composition_.things;
    if (are_twins(placed)) {
      std::string text = pick(pairs(), random_);
      add(text, adjectives_of(placed.front()));
      add(text, pick(words_of(placed.front().thing).many, random_));
      return text;
    }
    std::string text = one_thing(placed.front());
    for (std::size_t i = 1; i < placed.size(); ++i) {
      add(text, random_.chance(0.5) ? "and" : pick(joining(), random_));
      add(text, one_thing(placed[i]));
    }
    return text;
  }

  std::string one_thing(const PlacedThing& placed) {
    std::string text;
    const double article = random_.uniform();
    if (article < 0.70) text = "a";
    if (article >= 0.70 && article < 0.86) text = pick(articles(), random_);
    add(text, adjectives_of(placed));
    add(text, pick(words_of(placed.thing).one, random_));
    return text;
  }

  std::string adjectives_of(const PlacedThing& placed) {
    std::string text;
    if (random_.chance(kAdjective)) text = pick(adjectives(), random_);
    if (random_.chance(kAdjective) && random_.chance(kSizeSaid)) {
      if (placed.size > 0.76) add(text, pick(words_for_large(), random_));
      if (placed.size < 0.56) add(text, pick(words_for_small(), random_));
    }
    const bool say_natural = random_.chance(kNaturalColourSaid);
    if (placed.colour) {
      add(text, colour_word(*placed.colour));
    } else if (say_natural && natural_colour(placed.thing) && keeps_colours(composition_.style)) {
      add(text, colour_word(*natural_colour(placed.thing)));
    }
    return text;
  }

  std::string colour_word(Colour colour) {
    std::string text;
    if (random_.chance(kShade)) text = pick(shades(), random_);
    add(text, pick(words_of(colour), random_));
    return text;
  }

  std::string ground() {
    if (random_.chance(kPlaceLeftOut)) return "";
    const Ground& ground = composition_.ground;
    Meaning& meaning = caption_.meaning;
    if (ground.kind != Ground::Kind::outdoors) return elsewhere(&PlaceWords::behind);
    if (ground.land == Land::none) {
      meaning.sky = ground.sky;
      if (random_.chance(0.3)) return pick(words_of(ground.sky).behind, random_);
      meaning.land = Land::none;
      return pick(words_of_mere(ground.sky), random_);
    }
    // One of the two is always said.
    const bool leaves_sky = random_.chance(kPartLeftOut);
    const bool leaves_land = random_.chance(kPartLeftOut) && !leaves_sky;
    std::string land, sky;
    if (!leaves_land) {
      meaning.land = ground.land;
      land = pick(words_of(ground.land).behind, random_);
    }
    if (!leaves_sky) {
      meaning.sky = ground.sky;
      sky = pick(words_of(ground.sky).behind, random_);
    }
    if (random_.chance(0.25)) std::swap(land, sky);
    add(land, sky);
    return land;
  }

  // The ground as all that there is, always said.
  std::string mere_ground() {
    const Ground& ground = composition_.ground;
    Meaning& meaning = caption_.meaning;
    if (ground.kind != Ground::Kind::outdoors) return elsewhere(&PlaceWords::alone);
    meaning.sky = ground.sky;
    if (ground.land == Land::none) {
      meaning.land = Land::none;
      return pick(words_of(ground.sky).alone, random_);
    }
    meaning.land = ground.land;
    std::string text = pick(words_of(ground.land).alone, random_);
    if (random_.chance(0.2)) {
      const std::string land = pick(words_of(ground.land).behind, random_);
      text = pick(words_of(ground.sky).alone, random_);
      add(text, land);
      return text;
    }
    if (random_.chance(kPartLeftOut)) {
      meaning.sky.reset();
      return text;
    }
    add(text, pick(words_of(ground.sky).behind, random_));
    return text;
  }

  std::string elsewhere(Phrases PlaceWords::*which) {
    const Ground& ground = composition_.ground;
    caption_.meaning.kind = ground.kind;
    const std::string phrase = pick(words_of(ground.kind).*which, random_);
    if (ground.kind != Ground::Kind::plain) return phrase;
    caption_.meaning.paper = ground.colour;
    return coloured(phrase, colour_word(ground.colour));
  }

  bool says_style() {
    if (composition_.style == Style::plain || random_.chance(kStyleLeftOut)) return false;
    caption_.meaning.style = composition_.style;
    return true;
  }

  void leave_out_small_words(std::vector<std::string>& words) {
    const Phrases& small = small_words();
    std::vector<std::string> kept;
    for (const std::string& word : words) {
      if (std::find(small.begin(), small.end(), word) == small.end()) kept.push_back(word);
    }
    if (!kept.empty()) words = std::move(kept);
  }

  void insert_unknown(std::vector<std::string>& words) {
    const int count = 1 + random_.below(3);
    for (int i = 0; i < count; ++i) {
      const std::string word = unknown_word();
      caption_.unknown.push_back(word);
      const int at = random_.below(static_cast<int>(words.size()) + 1);
      words.insert(words.begin() + at, word);
    }
  }

  std::string unknown_word() {
    constexpr std::string_view kVowels = "aeiou", kConsonants = "bcdfghjklmnpqrstvwxyz";
    for (;;) {
      std::string word;
      bool vowel = random_.chance(0.3);
      for (int left = 2 + random_.below(7); left > 0; --left) {
        const std::string_view letters = vowel ? kVowels : kConsonants;
        word += letters[static_cast<std::size_t>(random_.below(static_cast<int>(letters.size())))];
        vowel = random_.chance(vowel ? 0.1 : 0.75);
      }
      const std::vector<std::string>& known = known_words();
      if (!std::binary_search(known.begin(), known.end(), word)) return word;
    }
  }

  std::string tidied(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
      if (word == ",") {
        if (!text.empty() && text.back() != ',') text += word;
      } else {
        add(text, word);
      }
    }
    if (random_.chance(kFullStop)) text += '.';
    return text;
  }

  const Composition& composition_;
  Random& random_;
  Caption caption_;
};

std::string with_colour(std::optional<Colour> colour, std::string_view noun) {
  std::string text(colour ? words_of(*colour).front() : "");
  add(text, std::string(noun));
  return text;
}

// With articles that agree.
std::string agreed(const std::string& text) {
  std::vector<std::string> words = words_in(text);
  agree_articles(words);
  return joined(words);
}

std::string plain_things(const Composition& composition) {
  std::vector<Meaning::Named> things;
  for (const PlacedThing& placed : composition.things) things.push_back(named(placed));
  std::sort(things.begin(), things.end());
  if (are_twins(composition.things)) {
    return "two " + with_colour(things.front().colour, words_of(things.front().thing).many.front());
  }
  std::string text;
  for (const Meaning::Named& thing : things) {
    if (!text.empty()) add(text, "and");
    add(text, "a");
    add(text, with_colour(thing.colour, words_of(thing.thing).one.front()));
  }
  return text;
}

std::string plain_ground(const Ground& ground, bool alone) {
  const auto way = alone ? &PlaceWords::alone : &PlaceWords::behind;
  if (ground.kind != Ground::Kind::outdoors) {
    return coloured(std::string((words_of(ground.kind).*way).front()),
                    std::string(words_of(ground.colour).front()));
  }
  if (ground.land == Land::none) {
    return std::string(alone ? words_of(ground.sky).alone.front()
                             : words_of_mere(ground.sky).front());
  }
  std::string text((words_of(ground.land).*way).front());
  add(text, std::string(words_of(ground.sky).behind.front()));
  return text;
}

// Gathers the words of phrases.
class Collector {
 public:
  void take(const Phrases& phrases) {
    for (const std::string_view phrase : phrases) {
      for (const std::string& word : words_in(std::string(phrase))) {
        if (word != "%") words_.insert(word);
      }
    }
  }
  void take(const PlaceWords& place) {
    take(place.behind);
    take(place.alone);
  }
  std::vector<std::string> words() const { return {words_.begin(), words_.end()}; }

 private:
  std::set<std::string> words_;
};

std::vector<std::string> collect_words() {
  Collector all;
  for (int i = 0; i < kThings; ++i) {
    all.take(words_of(static_cast<Thing>(i)).one);
    all.take(words_of(static_cast<Thing>(i)).many);
  }
  for (int i = 0; i < kColours; ++i) all.take(words_of(static_cast<Colour>(i)));
  for (int i = 0; i < kSkies; ++i) {
    all.take(words_of(static_cast<Sky>(i)));
    all.take(words_of_mere(static_cast<Sky>(i)));
  }
  for (int i = 1; i < kLands; ++i) all.take(words_of(static_cast<Land>(i)));
  for (const Ground::Kind kind :
       {Ground::Kind::plain, Ground::Kind::space, Ground::Kind::under_water, Ground::Kind::room}) {
    all.take(words_of(kind));
  }
  for (int i = 1; i < kStyles; ++i) {
    all.take(words_of(static_cast<Style>(i)).before);
    all.take(words_of(static_cast<Style>(i)).behind);
  }
  for (const Phrases* phrases :
       {&openings(), &closings(), &adjectives(), &shades(), &words_for_large(), &words_for_small(),
        &joining(), &pairs(), &articles(), &small_words()}) {
    all.take(*phrases);
  }
  return all.words();
}

}  // namespace

Caption caption(const Composition& composition, Random& random) {
  return Speaker(composition, random).speak();
}

std::string plain_caption(const Composition& composition) {
  std::string text = plain_things(composition);
  add(text, plain_ground(composition.ground, composition.things.empty()));
  if (composition.style != Style::plain) {
    add(text, std::string(words_of(composition.style).behind.front()));
  }
  return agreed(text);
}

std::string plain_name(Thing thing, std::optional<Colour> colour) {
  return agreed("a " + with_colour(colour, words_of(thing).one.front()));
}

const std::vector<std::string>& known_words() {
  static const std::vector<std::string> words = collect_words();
  return words;
}

bool satisfies(const Composition& composition, const Meaning& meaning) {
  std::vector<Meaning::Named> shown;
  for (const PlacedThing& placed : composition.things) shown.push_back(named(placed));
  for (const Meaning::Named& wanted : meaning.things) {
    const auto found = std::find(shown.begin(), shown.end(), wanted);
    if (found == shown.end()) return false;
    shown.erase(found);
  }
  const Ground& ground = composition.ground;
  const bool outdoors = ground.kind == Ground::Kind::outdoors;
  if (meaning.kind && ground.kind != *meaning.kind) return false;
  if (meaning.paper && ground.colour != *meaning.paper) return false;
  if (meaning.sky && (!outdoors || ground.sky != *meaning.sky)) return false;
  if (meaning.land && (!outdoors || ground.land != *meaning.land)) return false;
  return !meaning.style || composition.style == *meaning.style;
}

}  // namespace latentreel::world

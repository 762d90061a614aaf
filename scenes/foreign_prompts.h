#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/scene.h"

// Prompts as other programs write them: "a castle:1.0 | blurry:-0.5" (the notebooks of VQGAN+CLIP),
// "a castle::2 --no trees --ar 16:9" (Midjourney), "a (tall:1.2) [tower]" and "Negative prompt:"
// (Stable Diffusion's). CLIP would take all of it for words. Internal to the room.

namespace latentreel::scenes {

struct ForeignPrompts {
  // What was meant. Words that are stressed inside of a text become a prompt of their own beside
  // the text, which is near to it.
  std::vector<Prompt> prompts;
  std::vector<std::string> left_out;  // what is no prompt, with where it belongs: "--ar (size ...)"
};

// What a text that is written for another program means; nothing for words, colons and brackets of
// prose among them ("a clock at 3:00 (in a tower)").
std::optional<ForeignPrompts> read_foreign(std::string_view text);

}  // namespace latentreel::scenes

#pragma once

#include <ostream>
#include <string_view>
#include <vector>

// Scenes with one mistake each, and what is said of it, letter by letter.

namespace latentreel::scenes {

struct MistakeCase {
  const char* lines;
  const char* text;

  // Letters and digits alone: the case's name in lists of tests.
  friend void PrintTo(const MistakeCase& shown, std::ostream* stream) {
    for (const char c : std::string_view(shown.lines)) {
      const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      *stream << (plain ? c : '_');
    }
  }
};

// Lines before one good keyframe.
inline const std::vector<MistakeCase> kKeysMistakes = {
    MistakeCase{"fps = 24",
                "film.toml:1:1: unknown key \"fps\" in the scene\n"
                "  fps = 24\n"
                "  ^ \"fps\" belongs in [video]"},
    MistakeCase{"[video]\ntitle = \"x\"",
                "film.toml:2:1: unknown key \"title\" in [video]\n"
                "  title = \"x\"\n"
                "  ^ \"title\" belongs above the first [table]"},
    MistakeCase{"[models]\nunet = \"x\"",
                "film.toml:2:1: unknown key \"unet\" in [models]\n"
                "  unet = \"x\"\n"
                "  ^ known keys are vqgan and clip"},
    MistakeCase{"[viedo]\nfps = 24",
                "film.toml:1:2: unknown key \"viedo\" in the scene\n"
                "  [viedo]\n"
                "   ^ did you mean \"video\"?"},
    MistakeCase{"[optimize]\niteratons = 3",
                "film.toml:2:1: unknown key \"iteratons\" in [optimize]\n"
                "  iteratons = 3\n"
                "  ^ did you mean \"iterations\"?"},
    MistakeCase{"[optimize]\ninit_image = \"a.png\"",
                "film.toml:2:1: unknown key \"init_image\" in [optimize]\n"
                "  init_image = \"a.png\"\n"
                "  ^ it is called start here: start = \"moon.png\" in [optimize]"},
    MistakeCase{"[optimize]\ncutn = 64",
                "film.toml:2:1: unknown key \"cutn\" in [optimize]\n"
                "  cutn = 64\n"
                "  ^ it is called cutouts here, in [optimize]"},
    MistakeCase{"[optimize]\nStep-Size = 0.1",
                "film.toml:2:1: unknown key \"Step-Size\" in [optimize]\n"
                "  Step-Size = 0.1\n"
                "  ^ it is called learning_rate here, in [optimize]"},
    MistakeCase{"max_iterations = 300",
                "film.toml:1:1: unknown key \"max_iterations\" in the scene\n"
                "  max_iterations = 300\n"
                "  ^ it is called iterations here, in [optimize]"},
    MistakeCase{"[models]\nclip_model = \"ViT-B/32\"",
                "film.toml:2:1: unknown key \"clip_model\" in [models]\n"
                "  clip_model = \"ViT-B/32\"\n"
                "  ^ it is called clip here, in [models]"},
    MistakeCase{"[interpolate]\nzoom = 1.02",
                "film.toml:2:1: unknown key \"zoom\" in [interpolate]\n"
                "  zoom = 1.02\n"
                "  ^ \"zoom\" belongs in [motion]"},
    MistakeCase{"translation_x = 10",
                "film.toml:1:1: unknown key \"translation_x\" in the scene\n"
                "  translation_x = 10\n"
                "  ^ it is called pan here, in [motion]: pan = [0.1, 0], in frame widths a second"},
    MistakeCase{"video = 3",
                "film.toml:1:9: video: expected a table, found the integer 3\n"
                "  video = 3\n"
                "          ^ write [video] on a line of its own"},
    MistakeCase{"[[video]]\nfps = 24",
                "film.toml:1:3: video: expected a table, found a list\n"
                "  [[video]]\n"
                "    ^ write [video] on a line of its own"}};

inline const std::vector<MistakeCase> kVideoMistakes = {

    MistakeCase{"[video]\nsize = \"512\"",
                "film.toml:2:8: size: \"512\" is not WIDTHxHEIGHT\n"
                "  size = \"512\"\n"
                "         ^ write \"512x512\""},
    MistakeCase{"[video]\nsize = \"1000000000x16\"",
                "film.toml:2:8: size: 1000000000 is out of range (from 16 to 16384 pixels a side)\n"
                "  size = \"1000000000x16\"\n"
                "         ^"},
    MistakeCase{"[video]\noutput = \"511x301\"",
                "film.toml:2:10: output: h264 needs even sides, not 511x301\n"
                "  output = \"511x301\"\n"
                "           ^ write \"512x302\""},
    MistakeCase{"[video]\nsize = \"101x76\"",
                "film.toml:2:8: size: h264 needs even sides, not 101x76\n"
                "  size = \"101x76\"\n"
                "         ^ write \"102x76\""},
    MistakeCase{"[video]\nfps = 0",
                "film.toml:2:7: fps: 0 is out of range (from 1 to 240)\n"
                "  fps = 0\n"
                "        ^"},
    MistakeCase{"[video]\nfps = -24",
                "film.toml:2:7: fps: -24 is out of range (from 1 to 240)\n"
                "  fps = -24\n"
                "        ^"},
    MistakeCase{"[video]\nfps = \"30000/0\"",
                "film.toml:2:7: fps: 30000/0 is out of range (from 1 to 240)\n"
                "  fps = \"30000/0\"\n"
                "        ^"},
    MistakeCase{"[video]\nfps = nan",
                "film.toml:2:7: fps: nan is out of range (from 1 to 240)\n"
                "  fps = nan\n"
                "        ^"},
    MistakeCase{"[video]\nfps = \"0.5\"",
                "film.toml:2:7: fps: 0.5 is out of range (from 1 to 240)\n"
                "  fps = \"0.5\"\n"
                "        ^"},
    MistakeCase{"[video]\nfps = \"fast\"",
                "film.toml:2:7: fps: \"fast\" is not a frame rate\n"
                "  fps = \"fast\"\n"
                "        ^ write an integer, a decimal or a fraction such as \"30000/1001\""},
    MistakeCase{"[video]\nsize = [480, 270]",
                "film.toml:2:8: size: expected a string such as \"256x256\", found a list\n"
                "  size = [480, 270]\n"
                "         ^ write \"480x270\""},
    MistakeCase{"[video]\nfps = true",
                "film.toml:2:7: fps: expected a number or a fraction such as 24 or \"30000/1001\", "
                "found true\n"
                "  fps = true\n"
                "        ^"},
    MistakeCase{"[video]\ncodec = \"h265\"",
                "film.toml:2:9: codec: \"h265\" is called hevc here\n"
                "  codec = \"h265\"\n"
                "          ^ write \"hevc\""},
    MistakeCase{"[video]\ncodec = \"prores\"\nquality = 17",
                "film.toml:3:11: quality: cannot be set for prores, whose profile fixes it\n"
                "  quality = 17\n"
                "            ^ leave quality out, or choose h264, hevc or av1"},
    MistakeCase{"[video]\ncodec = \"ffv1\"\nquality = 17",
                "film.toml:3:11: quality: cannot be set for ffv1, which is lossless\n"
                "  quality = 17\n"
                "            ^ leave quality out, or choose h264, hevc or av1"},
    MistakeCase{"[video]\nduration = \"0s\"",
                "film.toml:2:12: duration: must be above 0\n"
                "  duration = \"0s\"\n"
                "             ^"},
    MistakeCase{"[video]\nduration = 500000",
                "film.toml:2:12: duration: 500000 s is more than 10000000 frames\n"
                "  duration = 500000\n"
                "             ^"}};

inline const std::vector<MistakeCase> kMusicMistakes = {

    MistakeCase{"[music]\nbpm = 0",
                "film.toml:2:7: bpm: 0 is out of range (above 0 to 1000)\n"
                "  bpm = 0\n"
                "        ^"},
    MistakeCase{"[music]\nbpm = nan",
                "film.toml:2:7: bpm: nan is out of range (above 0 to 1000)\n"
                "  bpm = nan\n"
                "        ^"},
    MistakeCase{
        "[music]\nbpm = 120\noffset = \"beat 3\"",
        "film.toml:3:10: offset: expected seconds such as \"0.37s\", found the string \"beat 3\"\n"
        "  offset = \"beat 3\"\n"
        "           ^"},
    MistakeCase{"[music]\nfrom = \"3s\"",
                "film.toml:2:8: a part of a song, but no song\n"
                "  from = \"3s\"\n"
                "         ^ set file in [music]"},
    MistakeCase{"[music]\ncodec = \"aac\"",
                "film.toml:2:9: codec: is about a song, but there is none\n"
                "  codec = \"aac\"\n"
                "          ^ set file in [music]"},
    MistakeCase{"[music]\nfile = \"" LATENTREEL_SOURCE_DIR
                "/examples/metronome.m4a\"\ngain = \"loud\"",
                "film.toml:3:8: gain: expected \"auto\" or a number such as -3.5, found the string "
                "\"loud\"\n"
                "  gain = \"loud\"\n"
                "         ^"},
    MistakeCase{"[music]\nfile = \"" LATENTREEL_SOURCE_DIR "/examples/metronome.m4a\"\ngain = 21",
                "film.toml:3:8: gain: 21 is out of range (from -60 to 20)\n"
                "  gain = 21\n"
                "         ^"},
    MistakeCase{"[music]\nfile = \"" LATENTREEL_SOURCE_DIR
                "/examples/metronome.m4a\"\ncodec = \"copy\"\ngain = -3",
                "film.toml:4:8: gain: a song that is copied keeps its sound\n"
                "  gain = -3\n"
                "         ^ leave gain out, or codec = \"copy\""},
    MistakeCase{"[music]\nfile = \"\"",
                "film.toml:2:8: file: the file name is empty\n"
                "  file = \"\"\n"
                "         ^"},
    MistakeCase{
        "[music]\nbeats_per_bar = 3.5",
        "film.toml:2:17: beats_per_bar: expected an integer such as 4, found the number 3.5\n"
        "  beats_per_bar = 3.5\n"
        "                  ^"}};

// Curves, and the signals that they read.
inline const std::vector<MistakeCase> kCurveMistakes = {
    MistakeCase{"[interpolate]\nspeed = -1",
                "film.toml:2:9: speed: -1 is out of range (from 0 to 1000)\n"
                "  speed = -1\n"
                "          ^"},
    MistakeCase{"[interpolate]\nspeed = true",
                "film.toml:2:9: speed: expected a number, points or an expression such as \"0.2 + "
                "low\", found true\n"
                "  speed = true\n"
                "          ^"},
    MistakeCase{"[interpolate]\nspeed = \"1 + kik\"",
                "film.toml:2:14: speed: unknown name \"kik\"\n"
                "  speed = \"1 + kik\"\n"
                "               ^ known names are t, frame, beat, bar, beat_phase, bar_phase, rms, "
                "low, mid, high, onsets, percussive, harmonic, sin, cos, min, max, clamp, lerp, "
                "smoothstep and noise; [signals] can define others"},
    MistakeCase{"[interpolate]\nspeed = '1 < t < 2'",
                "film.toml:2:16: speed: a second comparison, \"<\", of the same value\n"
                "  speed = '1 < t < 2'\n"
                "                 ^ write a < b && b < c"},
    MistakeCase{"[interpolate]\nspeed = \"1 + beat_phase\"",
                "film.toml:2:14: speed: \"beat_phase\" needs a tempo\n"
                "  speed = \"1 + beat_phase\"\n"
                "               ^ set bpm in [music], or beats to a label, Reaper or MIDI file"},
    MistakeCase{"[music]\nbpm = 120\n[pulse]\namount = \"0.1 * kick\"",
                "film.toml:4:17: amount: unknown name \"kick\"\n"
                "  amount = \"0.1 * kick\"\n"
                "                  ^ known names are t, frame, beat, bar, beat_phase, bar_phase, "
                "rms, low, mid, high, onsets, percussive, harmonic, sin, cos, min, max, clamp, "
                "lerp, smoothstep and noise; [signals] can define others"},
    MistakeCase{"[music]\nbpm = 120\n[pulse]\namount = \"0.1 * low + high\"",
                "film.toml:4:17: amount: \"low\" needs a song\n"
                "  amount = \"0.1 * low + high\"\n"
                "                  ^ set file in [music]"},
    MistakeCase{
        "[picture]\nbrightness = \"1 + low * beat\"",
        "film.toml:2:19: brightness: \"low\" needs a song\n"
        "  brightness = \"1 + low * beat\"\n"
        "                    ^ set file in [music]\n"
        "film.toml:2:25: brightness: \"beat\" needs a tempo\n"
        "  brightness = \"1 + low * beat\"\n"
        "                          ^ set bpm in [music], or beats to a label, Reaper or MIDI file"},
    MistakeCase{"[picture]\nbrightness = []",
                "film.toml:2:14: brightness: expected 1 to 10000 points, found 0\n"
                "  brightness = []\n"
                "               ^"},
    MistakeCase{"[picture]\nbrightness = [1, 2]",
                "film.toml:2:15: brightness: expected a point: a time, a value and perhaps an "
                "easing, such as [\"4s\", 1.4, \"ease-in\"], found the integer 1\n"
                "  brightness = [1, 2]\n"
                "                ^\n"
                "film.toml:2:18: brightness: expected a point: a time, a value and perhaps an "
                "easing, such as [\"4s\", 1.4, \"ease-in\"], found the integer 2\n"
                "  brightness = [1, 2]\n"
                "                   ^"},
    MistakeCase{"[picture]\nbrightness = [[\"bar 5\", 1]]",
                "film.toml:2:16: brightness: \"bar 5\" needs a tempo\n"
                "  brightness = [[\"bar 5\", 1]]\n"
                "                 ^ set bpm in [music], or beats to a label, Reaper or MIDI file"},
    MistakeCase{"[picture]\nbrightness = [[\"0s\", 1], [\"0s\", 2]]",
                "film.toml:2:26: brightness: a point at 0 s after one at 0 s\n"
                "  brightness = [[\"0s\", 1], [\"0s\", 2]]\n"
                "                           ^ write points in order of time, no two at one time"},
    MistakeCase{"[picture]\nbrightness = [[\"0s\", 1], [\"2s\", 11], [\"1s\", 2, \"ease\"]]",
                "film.toml:2:33: brightness: 11 is out of range (from 0 to 10)\n"
                "  brightness = [[\"0s\", 1], [\"2s\", 11], [\"1s\", 2, \"ease\"]]\n"
                "                                  ^\n"
                "film.toml:2:48: brightness: \"ease\" is not one of linear, ease-in, ease-out, "
                "ease-in-out and smoothstep\n"
                "  brightness = [[\"0s\", 1], [\"2s\", 11], [\"1s\", 2, \"ease\"]]\n"
                "                                                 ^"},
    MistakeCase{"[pulse]\ntowards = \"nxt\"",
                "film.toml:2:11: towards: \"nxt\" is not one of noise, next and previous\n"
                "  towards = \"nxt\"\n"
                "            ^ did you mean \"next\"?"},
    MistakeCase{"[pulse]\ntowards = 1",
                "film.toml:2:11: towards: there is no keyframe 1\n"
                "  towards = 1\n"
                "            ^ the scene has only keyframe 0"},
    MistakeCase{"[pulse]\ntowards = true",
                "film.toml:2:11: towards: expected one of noise, next and previous, or a "
                "keyframe's number, found true\n"
                "  towards = true\n"
                "            ^"},
    MistakeCase{"[pulse]\ntowards = -1",
                "film.toml:2:11: towards: -1 is out of range (from 0 to 9999)\n"
                "  towards = -1\n"
                "            ^"},
    MistakeCase{"[pulse]\namount = 2\nspeed = 3",
                "film.toml:2:10: amount: 2 is out of range (from 0 to 1)\n"
                "  amount = 2\n"
                "           ^\n"
                "film.toml:3:1: unknown key \"speed\" in [pulse]\n"
                "  speed = 3\n"
                "  ^ \"speed\" belongs in [interpolate]"},
    MistakeCase{"[feedback]\niterations = -1\ncolor = \"kept\"\naverage = 0",
                "film.toml:2:14: iterations: -1 is out of range (from 0 to 100000)\n"
                "  iterations = -1\n"
                "               ^\n"
                "film.toml:3:9: color: \"kept\" is not one of keyframe and free\n"
                "  color = \"kept\"\n"
                "          ^\n"
                "film.toml:4:11: average: 0 is out of range (from 1 to 16)\n"
                "  average = 0\n"
                "            ^"},
    MistakeCase{"[feedback]\nholt = 1\n[video]\nlearning = \"fresh\"",
                "film.toml:2:1: unknown key \"holt\" in [feedback]\n"
                "  holt = 1\n"
                "  ^ did you mean \"hold\"?\n"
                "film.toml:4:1: unknown key \"learning\" in [video]\n"
                "  learning = \"fresh\"\n"
                "  ^ \"learning\" belongs in [feedback]"},
    MistakeCase{"[motion]\nzoom = 0",
                "film.toml:2:8: zoom: 0 is out of range (from 0.001 to 1000)\n"
                "  zoom = 0\n"
                "         ^"},
    MistakeCase{"[motion]\nzoom = [[\"0s\", 1], [\"2s\", -1.5]]",
                "film.toml:2:27: zoom: -1.5 is out of range (from 0.001 to 1000)\n"
                "  zoom = [[\"0s\", 1], [\"2s\", -1.5]]\n"
                "                            ^"},
    MistakeCase{"[motion]\npan = 0.1",
                "film.toml:2:7: pan: expected a list of two such as [0.1, 0], found the number "
                "0.1\n"
                "  pan = 0.1\n"
                "        ^"},
    MistakeCase{
        "[motion]\npan = [\"0.1 * (\", true]\ncenter = [0.5, 1.5]",
        "film.toml:2:15: pan: this parenthesis is never closed\n"
        "  pan = [\"0.1 * (\", true]\n"
        "                ^\n"
        "film.toml:2:19: pan: expected a number, points or an expression such as 0.1, found "
        "true\n"
        "  pan = [\"0.1 * (\", true]\n"
        "                    ^\n"
        "film.toml:3:16: center: 1.5 is out of range (from 0 to 1)\n"
        "  center = [0.5, 1.5]\n"
        "                 ^"},
    MistakeCase{"[motion]\nedge = \"miror\"\nfrom = \"start\"",
                "film.toml:2:8: edge: \"miror\" is not one of mirror, border, wrap and black\n"
                "  edge = \"miror\"\n"
                "         ^ did you mean \"mirror\"?\n"
                "film.toml:3:8: from: \"start\" is not one of film and keyframe\n"
                "  from = \"start\"\n"
                "         ^"},
    MistakeCase{"[signals]\nkick = 3",
                "film.toml:2:8: kick: expected a table such as { source = \"band\", band = [40, "
                "120] }, found the integer 3\n"
                "  kick = 3\n"
                "         ^"},
    MistakeCase{"[signals]\nkick = { source = \"bond\", band = [40, 120] }",
                "film.toml:2:19: source: \"bond\" is not one of rms, band, onsets, percussive and "
                "harmonic\n"
                "  kick = { source = \"bond\", band = [40, 120] }\n"
                "                    ^ did you mean \"band\"?"},
    MistakeCase{"[signals]\nkick = { source = \"band\" }",
                "film.toml:2:8: kick: source = \"band\" needs a band\n"
                "  kick = { source = \"band\" }\n"
                "         ^ write band = [40, 120]"},
    MistakeCase{"[signals]\nkick = { band = [40, 120] }",
                "film.toml:2:10: band: only source = \"band\" has one\n"
                "  kick = { band = [40, 120] }\n"
                "           ^ leave it out, or set source to \"band\""},
    MistakeCase{"[signals]\nkick = { source = \"band\", band = [140, 120], relase = 3 }",
                "film.toml:2:34: band: the first number must not be above the second\n"
                "  kick = { source = \"band\", band = [140, 120], relase = 3 }\n"
                "                                   ^\n"
                "film.toml:2:46: unknown key \"relase\" in the signal \"kick\"\n"
                "  kick = { source = \"band\", band = [140, 120], relase = 3 }\n"
                "                                               ^ did you mean \"release\"?"},
    MistakeCase{"[signals]\nsin = { source = \"rms\" }\nbeat = { source = \"rms\" }\n\"a b\" = { "
                "source = \"rms\" }",
                "film.toml:2:1: \"sin\" means something else in expressions\n"
                "  sin = { source = \"rms\" }\n"
                "  ^ choose another name for the signal\n"
                "film.toml:3:1: \"beat\" means something else in expressions\n"
                "  beat = { source = \"rms\" }\n"
                "  ^ choose another name for the signal\n"
                "film.toml:4:1: \"a b\" cannot be the name of a signal\n"
                "  \"a b\" = { source = \"rms\" }\n"
                "  ^ a letter, then letters, digits and underscores: at most 40"},
    MistakeCase{
        "[signals]\nkick = { source = \"rms\", attack = -1, release = \"bar 1\", clip = 0, power = "
        "0 }",
        "film.toml:2:35: attack: -1 is out of range (from 0 to 1000000000)\n"
        "  kick = { source = \"rms\", attack = -1, release = \"bar 1\", clip = 0, power = 0 }\n"
        "                                    ^\n"
        "film.toml:2:49: release: expected a number of seconds such as \"0.2s\", found the string "
        "\"bar 1\"\n"
        "  kick = { source = \"rms\", attack = -1, release = \"bar 1\", clip = 0, power = 0 }\n"
        "                                                  ^\n"
        "film.toml:2:65: clip: 0 is out of range (above 0 to 1)\n"
        "  kick = { source = \"rms\", attack = -1, release = \"bar 1\", clip = 0, power = 0 }\n"
        "                                                                  ^\n"
        "film.toml:2:76: power: 0 is out of range (above 0 to 100)\n"
        "  kick = { source = \"rms\", attack = -1, release = \"bar 1\", clip = 0, power = 0 }\n"
        "                                                                             ^"},
    MistakeCase{"[signals]\nkick = { source = \"rms\", release = \"90s\" }",
                "film.toml:2:36: release: 90 s is out of range (from 0 to 60 s)\n"
                "  kick = { source = \"rms\", release = \"90s\" }\n"
                "                                     ^"},
    MistakeCase{"[video]\ncontrast = 1.2",
                "film.toml:2:1: unknown key \"contrast\" in [video]\n"
                "  contrast = 1.2\n"
                "  ^ \"contrast\" belongs in [picture]"},
    MistakeCase{"[video]\nbrightness = 1.2",
                "film.toml:2:1: unknown key \"brightness\" in [video]\n"
                "  brightness = 1.2\n"
                "  ^ \"brightness\" belongs in [picture]"},
    MistakeCase{"signals = 3",
                "film.toml:1:11: signals: expected a table, found the integer 3\n"
                "  signals = 3\n"
                "            ^ write [signals] on a line of its own"}};

inline const std::vector<MistakeCase> kOptimizeMistakes = {

    MistakeCase{"[optimize]\nseed = -1",
                "film.toml:2:8: seed: -1 is out of range (from 0)\n"
                "  seed = -1\n"
                "         ^ a scene gives the same film each time; the command's --seed -1 draws a "
                "seed"},
    MistakeCase{"[optimize]\nseed = \"seven\"",
                "film.toml:2:8: seed: expected an integer such as 7, found the string \"seven\"\n"
                "  seed = \"seven\"\n"
                "         ^"},
    MistakeCase{"[optimize]\nrecipe = \"notebok\"",
                "film.toml:2:10: recipe: \"notebok\" is not one of notebook, article, picture-book "
                "and clean\n"
                "  recipe = \"notebok\"\n"
                "           ^ did you mean \"notebook\"?"},
    MistakeCase{"[optimize]\nstart = \"previus\"",
                "film.toml:2:9: start: \"previus\" is not one of random, sine, previous and "
                "nearest, nor an image file\n"
                "  start = \"previus\"\n"
                "          ^ did you mean \"previous\"?"},
    MistakeCase{"[optimize]\nquantize = 1",
                "film.toml:2:12: quantize: expected true or false, found the integer 1\n"
                "  quantize = 1\n"
                "             ^"},
    MistakeCase{"[optimize]\nlearning_rate = 0",
                "film.toml:2:17: learning_rate: 0 is out of range (above 0 to 100)\n"
                "  learning_rate = 0\n"
                "                  ^"},
    MistakeCase{"[optimize]\ncut_min = 0.8\ncut_max = 0.5",
                "film.toml:2:1: cut_min 0.8 is above cut_max 0.5\n"
                "  cut_min = 0.8\n"
                "  ^"},
    MistakeCase{"[optimize]\naugment = { name = \"flip\" }",
                "film.toml:2:11: augment: expected a list of tables such as "
                "[{ name = \"flip\", probability = 0.5 }], found a table\n"
                "  augment = { name = \"flip\" }\n"
                "            ^"},
    MistakeCase{"[optimize]\naugment = [{ name = \"afine\" }]",
                "film.toml:2:21: name: \"afine\" is not one of flip, affine, perspective, jitter, "
                "erase, sharpness and rotate\n"
                "  augment = [{ name = \"afine\" }]\n"
                "                      ^ did you mean \"affine\"?"},
    MistakeCase{"[optimize]\naugment = [{ name = \"flip\", degrees = 3 }]",
                "film.toml:2:29: unknown key \"degrees\" in the augment step \"flip\"\n"
                "  augment = [{ name = \"flip\", degrees = 3 }]\n"
                "                              ^ known keys are name and probability"},
    MistakeCase{"[optimize]\naugment = [{ name = \"erase\", area = [0.4, 0.1] }]",
                "film.toml:2:37: area: the first number must not be above the second\n"
                "  augment = [{ name = \"erase\", area = [0.4, 0.1] }]\n"
                "                                      ^"},
    MistakeCase{
        "[optimize]\naugment = [{ name = \"affine\", translate = [0.1] }]",
        "film.toml:2:43: translate: expected a list of two numbers such as [0.1, 0.1], found a "
        "list\n"
        "  augment = [{ name = \"affine\", translate = [0.1] }]\n"
        "                                            ^"},
    MistakeCase{"[interpolate]\nloop = true",
                "film.toml:2:8: loop: needs to know when the film is back at its first keyframe\n"
                "  loop = true\n"
                "         ^ set duration in [video]"}};

inline const std::vector<MistakeCase> kTomlMistakes = {

    MistakeCase{"[video]\ncodec = h264",
                "film.toml:2:9: not valid TOML (value): could not determine value type\n"
                "  codec = h264\n"
                "          ^ strings need quotes, as in \"h264\""},
    MistakeCase{"[video]\nduration = 4s",
                "film.toml:2:13: not valid TOML (decimal integer): expected digit, saw 's'\n"
                "  duration = 4s\n"
                "              ^ times, sizes and fractions need quotes"},
    MistakeCase{
        "title = \"x",
        "film.toml:1:11: not valid TOML (string): unescaped control characters other than TAB "
        "(U+0009) are explicitly prohibited\n"
        "  title = \"x\n"
        "            ^ is the closing quote missing?"},
    MistakeCase{
        "[optimize]\naugment = [{ name = \"flip\",\n  probability = 1 }]",
        "film.toml:2:28: not valid TOML (inline table): expected key or closing '}', saw '\\n'\n"
        "  augment = [{ name = \"flip\",\n"
        "                             ^ a table in braces must be on one line"},
    MistakeCase{"title = \"x\"\ntitle = \"y\"",
                "film.toml:2:9: not valid TOML (key-value pair): cannot redefine existing string "
                "'title'\n"
                "  title = \"y\"\n"
                "          ^"}};

// Whole files.
inline const std::vector<MistakeCase> kWholeFiles = {
    MistakeCase{"title = \"x\"\n\n",
                "film.toml:1:1: the scene has no keyframes\n"
                "  title = \"x\"\n"
                "  ^ add [[keyframe]] and below it prompt = \"a red apple\""},
    MistakeCase{"",
                "film.toml:1:1: the scene has no keyframes\n"
                "\n"
                "  ^ add [[keyframe]] and below it prompt = \"a red apple\""},
    MistakeCase{"[keyframe]\nprompt = \"a\"\n",
                "film.toml:1:2: keyframe: expected a list of tables, found one table\n"
                "  [keyframe]\n"
                "   ^ write [[keyframe]] with two brackets"},
    MistakeCase{"[[keyframes]]\nprompt = \"a\"\n",
                "film.toml:1:3: unknown key \"keyframes\" in the scene\n"
                "  [[keyframes]]\n"
                "    ^ did you mean \"keyframe\"?"},
    MistakeCase{"[[keyframe]]\n",
                "film.toml:1:1: a keyframe without a prompt\n"
                "  [[keyframe]]\n"
                "  ^ write prompt = \"a red apple\""},
    MistakeCase{"[[keyframe]]\nprompt = \" \"\n",
                "film.toml:2:10: prompt: the text is empty\n"
                "  prompt = \" \"\n"
                "           ^ say what the picture shows"},
    MistakeCase{"[[keyframe]]\nprompt = \"a\\u001Bb\"\n",
                "film.toml:2:10: prompt: the text contains the control character U+001B\n"
                "  prompt = \"a\\u001Bb\"\n"
                "           ^ remove it"},
    MistakeCase{"[[keyframe]]\nprompt = [\"a\", \"b\"]\n",
                "film.toml:2:10: prompt: expected a string, found a list\n"
                "  prompt = [\"a\", \"b\"]\n"
                "           ^ several prompts are written prompts = [...]"},
    MistakeCase{"[[keyframe]]\nprompt = \"a\"\nprompts = [\"b\"]\n",
                "film.toml:3:1: a keyframe with both prompt and prompts\n"
                "  prompts = [\"b\"]\n"
                "  ^ put the one prompt into the list of prompts"},
    MistakeCase{"[[keyframe]]\nprompts = [{ weight = 3 }]\n",
                "film.toml:2:12: prompts: a table needs one of text, image and video\n"
                "  prompts = [{ weight = 3 }]\n"
                "             ^ write { text = \"a red apple\", weight = 1.0 }"},
    MistakeCase{"[[keyframe]]\nprompts = [{ text = \"a\", video = \"b.mp4\" }]\n",
                "film.toml:2:12: prompts: a table needs one of text, image and video\n"
                "  prompts = [{ text = \"a\", video = \"b.mp4\" }]\n"
                "             ^ write { text = \"a red apple\", weight = 1.0 }"},
    MistakeCase{"[[keyframe]]\nprompts = [{ video = \"b.mp4\" }]\n",
                "film.toml:2:12: video: of a clip one moment is shown, but there is no at\n"
                "  prompts = [{ video = \"b.mp4\" }]\n"
                "             ^ write { video = \"clip.mp4\", at = \"12s\" }"},
    MistakeCase{"[[keyframe]]\nprompts = [{ text = \"a\", at = \"2s\" }]\n",
                "film.toml:2:26: at: is about a clip, but there is no video\n"
                "  prompts = [{ text = \"a\", at = \"2s\" }]\n"
                "                           ^ write { video = \"clip.mp4\", at = \"12s\" }"},
    MistakeCase{"[[keyframe]]\nprompt = \"a\"\nstart = { video = \"b.mp4\", at = \"frame 9\" }\n",
                "film.toml:3:19: there is no clip \"b.mp4\"\n"
                "  start = { video = \"b.mp4\", at = \"frame 9\" }\n"
                "                    ^ paths in a scene are relative to the scene's folder\n"
                "film.toml:3:33: at: \"frame 9\" is no moment of a clip, which is counted from the "
                "clip's first frame\n"
                "  start = { video = \"b.mp4\", at = \"frame 9\" }\n"
                "                                  ^ write \"12.5s\" or \"1:12.5\""},
    MistakeCase{"[[keyframe]]\nprompt = \"a\"\nstart = { video = \"b.mp4\", at = -1 }\n",
                "film.toml:3:19: there is no clip \"b.mp4\"\n"
                "  start = { video = \"b.mp4\", at = -1 }\n"
                "                    ^ paths in a scene are relative to the scene's folder\n"
                "film.toml:3:33: at: -1 is out of range (from 0 to 1000000000)\n"
                "  start = { video = \"b.mp4\", at = -1 }\n"
                "                                  ^"},
    MistakeCase{"[[keyframe]]\nprompt = \"a\"\nstart = { at = 3 }\n",
                "film.toml:3:9: at: belongs to a clip, but there is no video\n"
                "  start = { at = 3 }\n"
                "          ^ write { video = \"clip.mp4\", at = \"12s\" }"},
    MistakeCase{"[[keyframe]]\nprompts = [{ text = \"a\", weigth = 3 }]\n",
                "film.toml:2:26: unknown key \"weigth\" in a table of prompts\n"
                "  prompts = [{ text = \"a\", weigth = 3 }]\n"
                "                           ^ did you mean \"weight\"?"},
    MistakeCase{"[[keyframe]]\nprompts = []\n",
                "film.toml:2:11: prompts: the list is empty\n"
                "  prompts = []\n"
                "            ^ write prompts = [\"a red apple\"]"},
    MistakeCase{"[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nprompt = \"b\"\n",
                "film.toml:3:1: a keyframe without a time\n"
                "  [[keyframe]]\n"
                "  ^ write at = \"4s\"; only the first may leave it out"},
    MistakeCase{"[[keyframe]]\nprompt = \"a\"\n"
                "[[keyframe]]\nat = \"0.01s\"\nprompt = \"b\"\n",
                "film.toml:4:6: two keyframes on frame 0 (0 s)\n"
                "  at = \"0.01s\"\n"
                "       ^ the other is on line 1"},
    MistakeCase{"[[keyframe]]\nat = \"bar 9\"\nprompt = \"a\"\n",
                "film.toml:2:6: at: \"bar 9\" needs a tempo\n"
                "  at = \"bar 9\"\n"
                "       ^ set bpm in [music], or beats to a label, Reaper or MIDI file"},
    MistakeCase{"[[keyframe]]\nat = true\nprompt = \"a\"\n",
                "film.toml:2:6: at: expected a time such as \"4s\", found true\n"
                "  at = true\n"
                "       ^"},
    MistakeCase{"[[keyframe]]\nat = -1\nprompt = \"a\"\n",
                "film.toml:2:6: at: -1 is out of range (from 0 to 1000000000)\n"
                "  at = -1\n"
                "       ^"},
    MistakeCase{"[video]\nduration = \"3s\"\n[[keyframe]]\nprompt = \"a\"\n"
                "[[keyframe]]\nat = 4\nprompt = \"b\"\n",
                "film.toml:2:12: duration: the film ends at 3 s, before its last keyframe at 4 s\n"
                "  duration = \"3s\"\n"
                "             ^ that keyframe is on line 5"},
    MistakeCase{"[[keyframe]]\nhold = \"4s\"\nprompt = \"a\"\n"
                "[[keyframe]]\nat = 4\nprompt = \"b\"\n",
                "film.toml:2:8: hold: lasts until 4 s, but the next keyframe is at 4 s\n"
                "  hold = \"4s\"\n"
                "         ^ for a cut without a transition, write hold = \"frame 95\""},
    MistakeCase{"[music]\nbpm = 120\n[[keyframe]]\nprompt = \"a\"\nhold = \"beat 2\"\n",
                "film.toml:5:8: hold: must be a length, not a place in the music\n"
                "  hold = \"beat 2\"\n"
                "         ^ write \"1s\", \"2 beats\" or \"frame 24\""},
    MistakeCase{"[[keyframe]]\nat = 500000\nprompt = \"a\"\n",
                "film.toml:2:6: a keyframe at 500000 s ends beyond 10000000 frames\n"
                "  at = 500000\n"
                "       ^"},
    MistakeCase{"[interpolate]\nloop = true\n[video]\nduration = \"4s\"\n"
                "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n",
                "film.toml:2:8: loop: no time is left for the way back after 4 s\n"
                "  loop = true\n"
                "         ^ set a longer duration in [video]"}};

}  // namespace latentreel::scenes

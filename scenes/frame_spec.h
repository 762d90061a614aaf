#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scenes/enum_names.h"
#include "scenes/scene.h"

namespace latentreel::scenes {

// How fast a spline passes through a keyframe: (latent of `after` - latent of `before`) / frames.
// Zero where `frames` is 0.
struct Slope {
  int before = -1;  // keyframes; -1: none
  int after = -1;
  std::int64_t frames = 0;

  friend bool operator==(const Slope&, const Slope&) = default;
};

// How far the frame's latent leaves its way for something else, after all that is between the two
// keyframes.
struct Pulse {
  double amount = 0;      // of the way there, [0, 1]; 0: not at all
  int towards = -1;       // a keyframe; -1: noise
  std::int64_t seed = 0;  // of the noise

  friend bool operator==(const Pulse&, const Pulse&) = default;
};

// What is done to the decoded picture, in this order; 1: nothing.
struct Grade {
  double brightness = 1;  // factor of RGB
  double contrast = 1;    // factor of the distance to 0.5
  double saturation = 1;  // factor of the distance to the pixel's luma (BT.709)

  bool is_neutral() const { return *this == Grade(); }
  friend bool operator==(const Grade&, const Grade&) = default;
};

// Where the camera is: what of the decoded picture each point of the frame shows. Points are
// counted in the frame's widths from its middle, to the right and down, as if the picture filled
// the frame; what is seen at (u, v) is the picture's point (xx u + xy v + x, yx u + yy v + y).
struct Camera {
  double xx = 1, xy = 0, x = 0;
  double yx = 0, yy = 1, y = 0;
  Edge edge = Edge::mirror;  // what lies beyond the picture
  // The frame is sampled from the picture at the film's size, in place of being scaled to it later:
  // so in every frame of a film that moves and is not of its pictures' size.
  bool resized = false;

  // Whether it shows the picture as it is.
  bool is_neutral() const { return *this == Camera(); }
  friend bool operator==(const Camera&, const Camera&) = default;
};

// Which frame of a chain it is, where frames grow out of one another (frame_chains.h).
struct Chained {
  int part = -1;            // of the film's chains; -1: none
  std::int64_t number = 0;  // among the part's frames

  friend bool operator==(const Chained&, const Chained&) = default;
};

// What a preview has written on its picture.
struct Caption {
  std::string where;   // bar and beat, "9:3", or the film's time, "0:12.50"
  std::string prompt;  // of the keyframe that is seen, whole; cut to fit where it is drawn
  double flash = 0;    // how bright a beat's flash is, [0, 1]

  bool is_none() const { return *this == Caption(); }
  friend bool operator==(const Caption&, const Caption&) = default;
};

// Everything in a scene that decides what one frame shows, and nothing else: frames of equal values
// have equal pictures wherever they are, given the same keyframes, models and machine. A field that
// does not matter to a frame keeps its default, so that it cannot make equal frames differ.
struct FrameSpec {
  int from = 0;        // keyframes; in a chain those whose prompts it follows
  int to = 0;          // == from where the picture stands still
  int interval = -1;   // of the timeline, from `from` to `to`; -1 where the picture stands still
  double amount = 0;   // how much of the change has happened, eased, [0, 1]
  bool paced = false;  // `amount` counts visible change as it was measured along the interval
  PathKind path = PathKind::linear;
  // Of splines:
  std::int64_t frames = 0;      // the interval's
  Slope leaving{}, arriving{};  // at its two keyframes
  Chained chain{};
  Pulse pulse{};
  Grade grade{};
  Camera camera{};
  Caption caption{};  // of previews alone

  bool is_still() const { return from == to; }
  bool is_chained() const { return chain.part >= 0; }
  friend bool operator==(const FrameSpec&, const FrameSpec&) = default;
};

// Indices that refer to something else; a hash replaces them by what they refer to.
struct KeyframeRef {
  int index;  // -1: none
};
struct IntervalRef {
  int index;  // -1: none
};
struct ChainRef {
  int index;  // a part
};

// Calls visit(name, value) for every field of a camera but `resized`.
template <class Visit>
void visit_camera(const Camera& camera, Visit& visit) {
  visit("camera.edge", name_of(camera.edge));
  visit("camera.xx", camera.xx);
  visit("camera.xy", camera.xy);
  visit("camera.x", camera.x);
  visit("camera.yx", camera.yx);
  visit("camera.yy", camera.yy);
  visit("camera.y", camera.y);
}

// Calls visit(name, value) for every field: a KeyframeRef, IntervalRef, ChainRef, double, bool,
// int64_t, text or the word of an enumerator. A frame of a chain is known by its place in it, in
// the place of keyframes and the way between them. Hashes, needs and texts are all made from this
// one list of fields. Pulse and grade, which films have not always had, are visited where one of
// them does something, and so are camera and caption: frames without them keep the hashes by which
// their segments are known. A hash may take the values without their names: a pulse begins with a
// number, a camera with a word and a number, a caption with two texts, so that none can pass for
// another.
template <class Visit>
void visit_fields(const FrameSpec& spec, Visit&& visit) {
  if (spec.is_chained()) {
    visit("chain.part", ChainRef{spec.chain.part});
    visit("chain.number", spec.chain.number);
  } else {
    visit("from", KeyframeRef{spec.from});
    visit("to", KeyframeRef{spec.to});
    visit("interval", IntervalRef{spec.interval});
    visit("amount", spec.amount);
    visit("paced", spec.paced);
    visit("path", name_of(spec.path));
    visit("frames", spec.frames);
    visit("leaving.before", KeyframeRef{spec.leaving.before});
    visit("leaving.after", KeyframeRef{spec.leaving.after});
    visit("leaving.frames", spec.leaving.frames);
    visit("arriving.before", KeyframeRef{spec.arriving.before});
    visit("arriving.after", KeyframeRef{spec.arriving.after});
    visit("arriving.frames", spec.arriving.frames);
  }
  if (!(spec.pulse == Pulse() && spec.grade.is_neutral())) {
    visit("pulse.amount", spec.pulse.amount);
    visit("pulse.towards", KeyframeRef{spec.pulse.towards});
    visit("pulse.seed", spec.pulse.seed);
    visit("grade.brightness", spec.grade.brightness);
    visit("grade.contrast", spec.grade.contrast);
    visit("grade.saturation", spec.grade.saturation);
  }
  if (!spec.camera.is_neutral()) {
    visit_camera(spec.camera, visit);
    visit("camera.resized", spec.camera.resized);
  }
  if (!spec.caption.is_none()) {
    visit("caption.where", spec.caption.where);
    visit("caption.prompt", spec.caption.prompt);
    visit("caption.flash", spec.caption.flash);
  }
}

// "from=0 to=1 interval=0 amount=0.25 ...", for people and tests.
std::string text_of(const FrameSpec& spec);

}  // namespace latentreel::scenes

#pragma once

#include "scenes/document.h"
#include "scenes/mistakes.h"
#include "scenes/scene.h"

// Internal to the room.

namespace latentreel::scenes {

// Notes what `document` says and `scene`, which was read from it, has no use for: a cut that
// nothing comes before, what belongs to a choice that the scene does not make, and where frames
// grow out of one another all that is about pictures of keyframes, or about ways between them. Of a
// key that many keyframes set the first is named.
void note_idle_options(const Value& document, const Scene& scene, Mistakes& mistakes);

}  // namespace latentreel::scenes

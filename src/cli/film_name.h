#pragma once

#include <filesystem>
#include <string>

#include "scenes/scene.h"
#include "src/plan/render_job.h"

namespace latentreel::cli {

// What is added to the name of a film that is not the whole one, which keeps its place: "-preview",
// "-12s-20s", both or nothing.
std::string name_of_part(const render::RenderJob& job);

// Where the film of a scene goes by default: the scene's name, what is added to it, and its codec's
// extension, in the working directory.
std::filesystem::path default_film(const std::filesystem::path& scene_file,
                                   const scenes::Scene& scene, const std::string& added = {});

// Where it goes when `asked` is given: a name without an extension gets the codec's, a folder
// (there, or ending with "/") gets the film under its default name, and nothing is the default.
std::filesystem::path film_file(const std::filesystem::path& asked,
                                const std::filesystem::path& scene_file, const scenes::Scene& scene,
                                const std::string& added = {});

// For options that name an output: what is wrong with "-", which elsewhere is standard output.
std::string check_output_name(const std::string& name);

// `name` as a shell takes it for one word, to be pasted into a command.
std::string shell_word(const std::string& name);

}  // namespace latentreel::cli

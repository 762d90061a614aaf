#pragma once

#include <string>
#include <vector>

#include "src/cli/batch_films.h"
#include "src/cli/batch_results.h"

namespace latentreel::cli {

// Renders the films one after the other in this process. A film that fails does not stop the
// others; after a requested stop the rest is "not started".
std::vector<FilmResult> render_here(const std::vector<BatchFilm>& films,
                                    const BatchOptions& options);

// The tasks of all films on several devices, each a process of its own that does work().
std::vector<FilmResult> render_on(const std::vector<std::string>& devices,
                                  const std::vector<BatchFilm>& films, const BatchOptions& options);

// What render_here would do, without doing it.
std::vector<FilmResult> plan_films(const std::vector<BatchFilm>& films,
                                   const BatchOptions& options);

// Does tasks that come on standard input, as farm::WorkerPool hands them out, until its end.
int work(BatchOptions options);

}  // namespace latentreel::cli

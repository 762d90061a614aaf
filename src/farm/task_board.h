#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/plan/plan.h"

// The tasks of several plans, handed out so that every worker always has one.

namespace latentreel::farm {

// A task of one of the films.
struct Ticket {
  size_t film = 0;
  std::string task;  // "seg:7"

  friend bool operator==(const Ticket&, const Ticket&) = default;
};

// Which tasks are to be done, can be done, are being done. A task can be done once everything that
// it needs is. A film whose task failed has nothing more to do; the others go on. Not thread-safe.
class TaskBoard {
 public:
  // Adds a film with the tasks of its plan; those named in `done` are done already.
  void add(const render::RenderPlan& plan, const std::set<std::string>& done);

  // A film that cannot be opened: it only takes its number.
  void add_nothing();

  // The next task for a worker that last worked for `last` (whose models and latents it holds): one
  // of that film where there is one, else of the first film that has one. Nothing while all that is
  // left waits for others.
  std::optional<Ticket> take(std::optional<size_t> last);

  void finish(const Ticket& ticket);
  // The film is given up: none of its tasks is handed out any more.
  void fail(const Ticket& ticket);
  bool film_done(size_t film) const { return films_[film].waiting.empty() && !films_[film].failed; }
  size_t films() const { return films_.size(); }

 private:
  struct Film {
    std::vector<std::string> order;  // of the plan
    std::map<std::string, std::vector<std::string>> needs;
    std::set<std::string> waiting;  // not done, including those under way
    std::set<std::string> under_way;
    bool failed = false;
  };
  std::optional<std::string> ready(const Film& film) const;

  std::vector<Film> films_;
};

}  // namespace latentreel::farm

#include "src/farm/task_board.h"

#include <algorithm>
#include <utility>

namespace latentreel::farm {

void TaskBoard::add(const render::RenderPlan& plan, const std::set<std::string>& done) {
  Film film;
  for (const auto* task : plan.tasks()) {
    const auto name = task->name();
    film.order.push_back(name);
    for (const auto& need : task->needs) film.needs[name].push_back(need.name());
    if (done.count(name) == 0) film.waiting.insert(name);
  }
  films_.push_back(std::move(film));
}

std::optional<std::string> TaskBoard::ready(const Film& film) const {
  if (film.failed) return std::nullopt;
  for (const auto& name : film.order) {
    if (film.waiting.count(name) == 0 || film.under_way.count(name) > 0) continue;
    const auto needs = film.needs.find(name);
    const bool met = needs == film.needs.end() ||
                     std::none_of(needs->second.begin(), needs->second.end(),
                                  [&](const auto& need) { return film.waiting.count(need) > 0; });
    if (met) return name;
  }
  return std::nullopt;
}

std::optional<Ticket> TaskBoard::take(std::optional<size_t> last) {
  std::vector<size_t> order;
  if (last) order.push_back(*last);
  for (size_t film = 0; film < films_.size(); ++film) order.push_back(film);
  for (const auto film : order) {
    if (const auto task = ready(films_[film])) {
      films_[film].under_way.insert(*task);
      return Ticket{film, *task};
    }
  }
  return std::nullopt;
}

void TaskBoard::finish(const Ticket& ticket) {
  films_[ticket.film].under_way.erase(ticket.task);
  films_[ticket.film].waiting.erase(ticket.task);
}

void TaskBoard::fail(const Ticket& ticket) {
  films_[ticket.film].under_way.erase(ticket.task);
  films_[ticket.film].failed = true;
}

void TaskBoard::add_nothing() {
  films_.emplace_back();
  films_.back().failed = true;
}

}  // namespace latentreel::farm

#include "src/cli/exit_codes.h"

#include <c10/util/Exception.h>
#include <errno.h>  // program_invocation_short_name
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>

#include "ffmpeg/error.h"
#include "models/files/error.h"
#include "scenes/scene_error.h"
#include "src/cli/signals.h"
#include "src/cluster/error.h"
#include "src/files/error.h"
#include "src/footage/error.h"
#include "src/library/error.h"
#include "src/music/error.h"
#include "src/run/error.h"
#include "src/run/out_of_memory.h"
#include "src/run/stop.h"

namespace latentreel::cli {
namespace {

int code_of(const scenes::SceneError& error) {
  return error.kind() == scenes::SceneError::Kind::invalid ? kData : kMissing;
}

int code_of(const ffmpeg::MediaError& error) {
  switch (error.kind()) {
    case ffmpeg::MediaError::Kind::missing:
      return kMissing;
    case ffmpeg::MediaError::Kind::invalid:
      return kData;
    case ffmpeg::MediaError::Kind::cannot_create:
      return kCannotCreate;
    case ffmpeg::MediaError::Kind::write_failed:
      return kWriteFailed;
    case ffmpeg::MediaError::Kind::usage:
      return kUsage;
    case ffmpeg::MediaError::Kind::internal:
      break;
  }
  return kInternal;
}

int code_of(const files::FileError& error) {
  switch (error.kind()) {
    case files::FileError::Kind::cannot_read:
      return kMissing;
    case files::FileError::Kind::cannot_create:
      return kCannotCreate;
    case files::FileError::Kind::write_failed:
      break;
  }
  return kWriteFailed;
}

int code_of(const models::WeightsError& error) {
  switch (error.kind()) {
    case models::WeightsError::Kind::missing:
      return kMissing;
    case models::WeightsError::Kind::invalid:
      return kData;
    case models::WeightsError::Kind::uncreatable:
      return kCannotCreate;
    case models::WeightsError::Kind::write_failed:
      break;
  }
  return kWriteFailed;
}

int code_of(const render::RenderError& error) {
  switch (error.kind()) {
    case render::RenderError::Kind::scene:
      return kData;
    case render::RenderError::Kind::missing:
      return kMissing;
    case render::RenderError::Kind::device:
      return kUnavailable;
    case render::RenderError::Kind::diverged:
      return kInternal;
    case render::RenderError::Kind::cannot_create:
      return kCannotCreate;
    case render::RenderError::Kind::try_again:
      return kTryAgain;
    case render::RenderError::Kind::write_failed:
      break;
  }
  return kWriteFailed;
}

int code_of(const library::LibraryError& error) {
  switch (error.kind()) {
    case library::LibraryError::Kind::refused:
      return kUsage;
    case library::LibraryError::Kind::invalid:
      return kData;
    case library::LibraryError::Kind::unknown:
      return kMissing;
    case library::LibraryError::Kind::unreachable:
      return kUnavailable;
    case library::LibraryError::Kind::cannot_create:
      return kCannotCreate;
    case library::LibraryError::Kind::busy:
      return kTryAgain;
    case library::LibraryError::Kind::write_failed:
      break;
  }
  return kWriteFailed;
}

int code_of(const cluster::ClusterError& error) {
  switch (error.kind()) {
    case cluster::ClusterError::Kind::plan:
      return kData;
    case cluster::ClusterError::Kind::missing:
      return kMissing;
    case cluster::ClusterError::Kind::unseen:
      return kTryAgain;
    case cluster::ClusterError::Kind::unavailable:
      break;
  }
  return kUnavailable;
}

// Which of the programs complains is what it was called as: latentreel or latentreel-train.
std::string said_by_program(const std::string& text) {
  return std::string(program_invocation_short_name) + ": " + text;
}

Failure complaint(const std::string& text, int code) {
  return {code, said_by_program(text)};
}

constexpr const char* kMemoryAdvice =
    "Out of memory. Use --jobs 1; then reduce [video] size, or use fewer or smaller CLIP models. "
    "(The number of cutouts does not matter: they are computed in chunks.)";

}  // namespace

namespace {

int term_code = kTerminated;

}  // namespace

void set_exit_code_of_term(int code) {
  term_code = code;
}

int exit_code_of_term() {
  return term_code;
}

Failure current_failure() {
  try {
    throw;
  } catch (const render::TimeIsUp& limit) {
    return complaint(
        std::string(limit.what()) +
            ". What was done is kept; run the same command again to continue from there.",
        kTryAgain);
  } catch (const render::Stopped&) {
    return {stop_token().signal() == SIGTERM ? exit_code_of_term() : kInterrupted,
            "Stopped. What was done is kept; run the same command again (without --force) to "
            "continue from there."};
  } catch (const scenes::SceneError& error) {
    return {code_of(error), error.what()};  // begins with file:line:column, as editors like it
  } catch (const ffmpeg::MediaError& error) {
    return complaint(error.what(), code_of(error));
  } catch (const files::FileError& error) {
    return complaint(error.what(), code_of(error));
  } catch (const cluster::ClusterError& error) {
    return complaint(error.what(), code_of(error));
  } catch (const models::WeightsError& error) {
    return complaint(error.what(), code_of(error));
  } catch (const render::RenderError& error) {
    return complaint(error.what(), code_of(error));
  } catch (const library::LibraryError& error) {
    return complaint(error.what(), code_of(error));
  } catch (const footage::FootageError& error) {
    return complaint(error.what(), kUnavailable);
  } catch (const music::MusicError& error) {
    return complaint(error.what(), kUnavailable);
  } catch (const std::exception& error) {
    if (render::is_out_of_memory(error)) return complaint(kMemoryAdvice, kUnavailable);
    if (const auto* failed = dynamic_cast<const c10::AcceleratorError*>(&error)) {
      return complaint(std::string("the device failed: ") + failed->what_without_backtrace() +
                           ". Run the same command again, or use --device cpu.",
                       kUnavailable);
    }
    const auto* torch = dynamic_cast<const c10::Error*>(&error);
    return complaint(std::string("internal error: ") +
                         (torch != nullptr ? torch->what_without_backtrace() : error.what()),
                     kInternal);
  }
}

namespace {

// A pipe's or socket's reader has closed its end: it has read what it wanted (plan | head).
bool reader_has_left(int stream) {
  pollfd state{.fd = stream, .events = POLLOUT, .revents = 0};
  return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

int guarded(const std::function<int()>& body) {
  try {
    const int code = body();
    std::cout.flush();
    if (std::cout || reader_has_left(STDOUT_FILENO)) return code;
    std::cerr << said_by_program("writing to standard output failed\n");
    return kWriteFailed;
  } catch (const std::exception&) {
    const auto failure = current_failure();
    std::cerr << failure.text << '\n';
    return failure.code;
  }
}

}  // namespace latentreel::cli

#pragma once

#include <string>
#include <vector>

namespace latentreel::models {

// A file made to do harm, with what its error has to say.
struct HostileFile {
  std::string name;  // what is wrong with it, as a file name: "os-system.ckpt"
  std::string bytes;
  std::string where;   // the member or the tensor that the error names
  std::string reason;  // what it says of it
};

// Files of every kind of attack that we know: such as every reader of pickles, zip archives and
// tensors has met. What their code would do, had anything run it, is to write the file `proof`.
std::vector<HostileFile> hostile_files(const std::string& proof);

// Small good files, one of each container, to be damaged byte by byte.
std::vector<HostileFile> good_files();

}  // namespace latentreel::models

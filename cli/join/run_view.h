// What a run in the foreground shows: the services' lines on stdout behind coloured names, what happens to
// them on stderr; with -o json all of it on stdout, one object a line. Written by threads of their own, so
// that a slow terminal delays nobody.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/local/logs/outlet.h"
#include "runtime/local/run.h"

namespace msctl::cli::join {

class RunView {
public:
  struct Options {
    bool logs = true;      // the services' lines
    bool verbose = false;  // the output of builds that succeed, and every event
  };
  RunView(Context& context, Options options, const std::vector<std::string>& services);

  // `resume`, `gone`: called from another thread, when output can go on, and when nobody reads any more.
  void start(std::function<void()> resume, std::function<void()> gone);
  local::Observer observer();
  // What the run is, for those that read along with -o json: its id where it is isolated, and its logs.
  void begin(const std::string& id, const std::string& logs);
  void flush();
  void drain();   // comes back when what has gathered is written, or nobody reads
  void let_go();  // neither `resume` nor `gone` is called after this
  // A line on stderr.
  void say(const std::string& text);

private:
  void event(const local::Event& event);
  void log(const release::LogLine& line);
  void build_failed(const std::string& service, const std::string& output);
  void settled(const release::Status& status);
  std::string name(const std::string& name, bool colours) const;
  void object(const nlohmann::ordered_json& object);

  Context& context_;
  Options options_;
  std::vector<std::string> services_;
  std::size_t width_ = 0;
  std::unique_ptr<local::Outlet> out_, err_;
};

}  // namespace msctl::cli::join

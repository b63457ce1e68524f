// Runs a command line without a process: everything that a command touches of the outside is made up.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/app/app.h"
#include "cli/context.h"
#include "tests/fakes/clock.h"

namespace msctl::fakes {

class FakeSignals final : public cli::Signals {
public:
  void watch(const std::vector<int>& signals) override { watched = signals; }
  int descriptor() const override { return -1; }
  std::optional<int> take() override {
    if (pending.empty()) return std::nullopt;
    int first = pending.front();
    pending.erase(pending.begin());
    return first;
  }
  bool interrupted() const override { return was_interrupted; }

  std::vector<int> watched;
  std::vector<int> pending;
  bool was_interrupted = false;
};

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(out); }
};

struct Shell {
  std::map<std::string, std::string> environment;
  cli::Terminal terminal;
  std::string folder = "/";
  std::string in;
  FakeClock clock;
  FakeSignals signals;

  Ran run(const cli::Catalogue& catalogue, const std::vector<std::string>& words) {
    std::istringstream input(in);
    std::ostringstream out, err;
    cli::Context context{.in = input,
                         .out = out,
                         .err = err,
                         .environment = environment,
                         .clock = clock,
                         .signals = signals,
                         .folder = folder,
                         .program = "msctl",
                         .terminal = terminal};
    auto status = cli::app::run(words, context, catalogue);
    return {static_cast<int>(status), out.str(), err.str()};
  }
};

}  // namespace msctl::fakes

#include "cli/cluster/following.h"

#include <algorithm>
#include <ostream>

#include "cli/cluster/environment.h"

namespace msctl::cli::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{100}, longest_pause{5000}, look_every{50};
constexpr std::chrono::seconds steady{10};  // what went well for so long has not failed again, but anew

}  // namespace

base::Result<std::unique_ptr<Following>> Following::start(Context& context, Work work) {
  auto cluster = connect_from_within(context);
  if (!cluster) return std::unexpected(cluster.error());
  return std::unique_ptr<Following>(new Following(context, *std::move(cluster), std::move(work)));
}

Following::Following(Context& context, std::unique_ptr<kubernetes::Cluster> cluster, Work work)
    : context_(context),
      cluster_(std::move(cluster)),
      work_(std::move(work)),
      thread_([this] { follow(); }) {}

Following::~Following() {
  ended_ = true;
  thread_.join();
}

void Following::follow() {
  milliseconds pause = first_pause;
  while (!ended_) {
    const base::Instant begin = context_.clock.now();
    auto done = work_(*cluster_, [this] { return !ended_.load(); });
    if (done || ended_) continue;
    context_.err << base::to_text(done.error().error) << std::flush;
    if (context_.clock.now() - begin > steady) pause = first_pause;
    for (auto waited = milliseconds(0); waited < pause && !ended_; waited += look_every)
      std::this_thread::sleep_for(look_every);
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace msctl::cli::cluster

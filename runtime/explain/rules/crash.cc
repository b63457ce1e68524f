// A container that ends by itself. The first ends may be hiccups: something that it needs starts a moment
// later.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign crash(const Evidence& evidence, const Replica& replica) {
  if (evidence.once) return std::nullopt;  // what is to end has a rule of its own
  for (const Container& container : replica.containers) {
    if (!unstable(evidence, container)) continue;
    const Ended& ended = *container.ended;
    const bool well = ended.exit_code == 0 && ended.signal == 0;
    if (container.prepares && well) continue;
    Sign sign{base::Code::podCrashes, "", msctl(evidence, "logs", "--previous")};
    sign.sentence = fmt::format("{} ended by itself with {}, {}", subject(replica, container), how(ended),
                                times(container.ends()));
    if (well) sign.sentence += "; it is to keep running";
    sign.certain = hopeless(evidence, container);
    sign.same = container.name + how(ended);
    if (!ended.message.empty()) sign.evidence.push_back(fmt::format("{}: {}", replica.name, ended.message));
    add_last_words(replica, container, sign.evidence);
    if (sign.evidence.empty()) sign.evidence.push_back(fmt::format("{} said nothing", replica.name));
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules

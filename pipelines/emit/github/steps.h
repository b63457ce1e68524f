// The steps of a job on GitHub.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "pipelines/model/types.h"

namespace msctl::emit::github {

// `whole`: with all commits, to compare with any of them. The token does not stay in the working copy.
nlohmann::ordered_json check_out(const pipeline::Pipeline& pipeline, bool whole);

// What brings the toolchains of a job, and keeps what they fetch.
std::vector<nlohmann::ordered_json> toolchains(const pipeline::Pipeline& pipeline, const pipeline::Job& job);

// msctl's kept results, from one run to the next.
nlohmann::ordered_json keep_results(const pipeline::Pipeline& pipeline, const pipeline::Job& job);

std::vector<nlohmann::ordered_json> tasks(const pipeline::Pipeline& pipeline, const pipeline::Job& job);

nlohmann::ordered_json keep_reports(const pipeline::Pipeline& pipeline, const pipeline::Job& job);

}  // namespace msctl::emit::github

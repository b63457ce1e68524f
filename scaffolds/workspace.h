// What `msctl new workspace` puts into ./NAME.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "scaffolds/tree.h"

namespace msctl::scaffolds {

// `languages`: one service hello-LANG for each. Errors: unknownLanguage, badTemplate.
base::Result<Tree> render_workspace(std::string_view name, const std::vector<std::string>& languages);

// The languages that `names` name, or which name is wrong and what was probably meant.
base::Result<void> check_languages(const std::vector<std::string>& names);

}  // namespace msctl::scaffolds

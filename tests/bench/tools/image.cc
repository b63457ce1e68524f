// An image of one folder on nothing, as `msctl build` makes it once the service is built: for the bench.
//
//   bench_image FOLDER LAYOUT [LEVEL]
#include <cstdio>
#include <cstdlib>

#include "pipelines/image/direct/assemble.h"

using namespace msctl;

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  image::Content content;
  if (auto added = content.application.add(argv[1], "app", {}); !added) {
    std::fprintf(stderr, "%s\n", added.error().message.c_str());
    return 1;
  }
  image::Base base;
  base.name = "scratch";
  image::Settings settings;
  settings.service = "bench";
  settings.platform = image::host_platform();
  settings.run = {"./service"};
  if (argc > 3) settings.pack.level = std::atoi(argv[3]);
  auto image = image::assemble(image::Layout(argv[2]), base, content, settings);
  if (!image) {
    std::fprintf(stderr, "%s\n", image.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", image->digest.c_str());
  return 0;
}

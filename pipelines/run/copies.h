// The working copies of one run: what a job has passed in is cleaned for the next one. Making and removing
// thousands of files for each job costs more than looking whether they are as they were; ext4, for one, looks
// for a free inode beyond all that were removed within the last minute.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "pipelines/run/copy.h"

namespace msctl::pipeline {

class Copies {
public:
  Copies(std::string parent, const git::Repository& repository, const std::vector<git::SnapshotFile>& files)
      : parent_(std::move(parent)), repository_(repository), files_(files) {}

  // Errors: those of WorkingCopy::make.
  base::Result<WorkingCopy> take();
  // Of a job that has ended by itself: nothing writes into it any more.
  void give_back(WorkingCopy copy);

private:
  std::string parent_;
  const git::Repository& repository_;
  const std::vector<git::SnapshotFile>& files_;
  std::mutex mutex_;
  std::vector<WorkingCopy> spare_;
};

}  // namespace msctl::pipeline

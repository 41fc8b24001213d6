// Ids in order, as the server tells them: ranges [first, last], newest first, so downwards.
//
//   [[1000, 990], [12, 12]]    12 rows      row 0 is job 1000, row 11 is job 12

/** Which job stands in which row, in memory for ranges, not for jobs. */
export class Ranges {
  constructor(ranges = []) {
    this.ranges = ranges;
    this.starts = [];
    this.length = 0;
    for (const [first, last] of ranges) {
      this.starts.push(this.length);
      this.length += first - last + 1;
    }
  }

  /** The id in *row*. */
  at(row) {
    const which = below(this.starts, row);
    return this.ranges[which][0] - (row - this.starts[which]);
  }

  /** The row of *id*, or -1. */
  row(id) {
    let low = 0;
    let high = this.ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = this.ranges[middle];
      if (id > first) high = middle - 1;
      else if (id < last) low = middle + 1;
      else return this.starts[middle] + first - id;
    }
    return -1;
  }
}

function below(starts, row) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

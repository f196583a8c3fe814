// Moves through a long list by pages.

import { h, setText } from "./dom.js";
import { count } from "./text.js";

export class Pager {
  constructor(host, size, turned) {
    this.host = host;
    this.size = size;
    this.offset = 0;
    this.total = 0;
    this.turned = turned;
    const turn = (pages) => () => {
      this.offset = Math.max(0, Math.min(this.lastOffset(), this.offset + pages * size || 0));
      turned();
    };
    this.first = h("button.quiet", { type: "button", onclick: turn(-Infinity) }, "First");
    this.before = h("button.quiet", { type: "button", onclick: turn(-1) }, "Previous");
    this.after = h("button.quiet", { type: "button", onclick: turn(1) }, "Next");
    this.place = h("span.place", { role: "status" });
    host.append(this.place, this.first, this.before, this.after);
    host.hidden = true;
  }

  lastOffset() {
    return Math.max(0, Math.floor((this.total - 1) / this.size) * this.size);
  }

  show(total) {
    this.total = total;
    if (this.offset > this.lastOffset()) {
      this.offset = this.lastOffset(); // the list has become shorter
      this.turned();
    }
    const upTo = Math.min(total, this.offset + this.size);
    this.host.hidden = total <= this.size && this.offset === 0;
    setText(this.place, `${count(Math.min(this.offset + 1, upTo))} to ${count(upTo)} of ${count(total)}`);
    this.first.disabled = this.before.disabled = this.offset === 0;
    this.after.disabled = upTo >= total;
  }
}

// Numbers and texts as Prometheus, Grafana and people read them.
local text = {
  // A number without trailing zeros; engines differ in how they write 0.1.
  decimal(number, decimals):
    local scale = std.pow(10, decimals);
    local whole = std.floor(number / scale);
    local rest = std.rstripChars(std.format('%0' + decimals + 'd', number - whole * scale), '0');
    std.format('%d', whole) + (if rest == '' then '' else '.' + rest),
  millionths(number): std.floor(number * 1000000 + 0.5),
  number(number): self.decimal(self.millionths(number), 6),
  grouped(number):
    if number < 1000 then std.format('%d', number)
    else self.grouped(std.floor(number / 1000)) + std.format(',%03d', number % 1000),
  duration(seconds):
    local units = [['y', 31536000], ['w', 604800], ['d', 86400], ['h', 3600], ['m', 60], ['s', 1]];
    local step(left, unit) =
      local number = std.floor(left.seconds / unit[1]);
      {
        seconds: left.seconds - number * unit[1],
        text: left.text + (if number > 0 then std.format('%d', number) + unit[0] else ''),
      };
    local written = std.foldl(step, units, { seconds: seconds, text: '' }).text;
    if written == '' then '0s' else written,
  seconds(duration):
    local units = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 };
    local step(read, char) =
      if std.objectHas(units, char) then { sum: read.sum + read.number * units[char], number: 0 }
      else { sum: read.sum, number: read.number * 10 + std.parseInt(char) };
    std.foldl(step, std.stringChars(duration), { sum: 0, number: 0 }).sum,
  // Whether it is whole numbers with units, each unit smaller than the one before.
  is_duration(written):
    local units = 'ywdhms';
    local step(read, char) =
      local unit = std.findSubstr(char, units);
      if std.member('0123456789', char) then read { has_number: true }
      else if unit == [] || !read.has_number || unit[0] < read.next then read { holds: false }
      else { holds: read.holds, has_number: false, next: unit[0] + 1 };
    local read = std.foldl(step, std.stringChars(written),
      { holds: true, has_number: false, next: 0 });
    written != '' && read.holds && !read.has_number,
  // As people read it.
  shown(number, unit):
    if unit == 'ratio' then self.decimal(self.millionths(number), 4) + '%'
    else if unit == 'per second' then self.number(number) + '/s'
    else if unit == 'seconds' then self.duration(number)
    else self.number(number),
  // How many decimals show two digits of a small number.
  decimals(smallest, decimals=2):
    if smallest * std.pow(10, decimals - 1) < 0.999 && decimals < 7
    then self.decimals(smallest, decimals + 1) else decimals,
  replaced(whole, from, to): if from == to || from == '' then whole else std.strReplace(whole, from,
    to),
  // A text as a template of Prometheus that yields it.
  template(written): std.strReplace(written, '{{', '{{ "{{" }}'),
  any(holds, items): std.length([item for item in items if holds(item)]) > 0,
  capitalised(word): std.asciiUpper(word[0]) + word[1:],
  // A link within Markdown in Grafana.
  link(url):
    local signs = [['(', '%28'], [')', '%29'], ['$', '%24'], ['[', '%5B'], [']', '%5D']];
    std.foldl(function(url, sign) std.strReplace(url, sign[0], sign[1]), signs, url),
  // Each text of a value, with the key that it stands under.
  each(value, write, key=''):
    if std.isString(value) then write(key, value)
    else if std.isArray(value) then [text.each(item, write, key) for item in value]
    else if std.isObject(value) then { [key]: text.each(value[key], write, key)
      for key in std.objectFields(value) }
    else value,
};

text

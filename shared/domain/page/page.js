
'use strict';
// A table is laid out once, and not again and again while it is read.
document.documentElement.classList.add('loading');
document.addEventListener('DOMContentLoaded', () => {
  const form = document.querySelector('form');
  const input = form.querySelector('input');
  const shown = form.querySelector('output');
  const choices = [...document.querySelectorAll('button[data-tag]')];
  const sections = [...document.querySelectorAll('main > details')].map((details) => ({
    details,
    collapsed: 'collapsed' in details.dataset,
    rows: [...details.querySelectorAll('tbody > tr')].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      tags: (row.dataset.tags || '').split(' '),
    })),
  }));
  let tag = '';

  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter((word) => word);
    const filtered = tag !== '' || words.length > 0;
    let all = 0, matches = 0;
    for (const { details, collapsed, rows } of sections) {
      let matchesHere = 0;
      for (const { row, text, tags } of rows) {
        const match = (!tag || tags.includes(tag)) && words.every((word) => text.includes(word));
        row.hidden = !match;
        if (match) matchesHere++;
      }
      details.hidden = filtered && matchesHere === 0;
      if (filtered || collapsed) details.open = filtered;
      all += rows.length;
      matches += matchesHere;
    }
    for (const choice of choices) choice.setAttribute('aria-pressed', String(choice.dataset.tag === tag));
    shown.textContent = filtered ? `${matches} of ${all} rows` : '';
  };

  // Numbers in a text are compared as numbers.
  const { compare } = new Intl.Collator('en', { numeric: true });
  const sort = (header) => {
    const body = header.closest('table').tBodies[0];
    const direction = header.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
    const keyOf = (cell) => cell.dataset.sort ?? cell.textContent;
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[header.cellIndex]) }));
    rows.sort((a, b) => direction * compare(a.key, b.key));
    body.append(...rows.map(({ row }) => row));
    for (const other of header.parentElement.cells) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
  };

  for (const header of document.querySelectorAll('thead th')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...header.childNodes);
    button.addEventListener('click', () => sort(header));
    header.append(button);
  }
  for (const choice of choices) {
    choice.disabled = false;
    choice.addEventListener('click', () => {
      tag = choice.dataset.tag === tag ? '' : choice.dataset.tag;
      filter();
    });
  }
  input.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    tag = '';
    input.value = '';
    filter();
    input.focus();
  });
  form.hidden = false;
  filter();
  document.documentElement.classList.remove('loading');
});

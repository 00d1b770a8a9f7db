import { h } from '../dom.js';

/** No view has this address. */
export default function unknown() {
  return {
    title: 'Unknown address',
    load: async () => {},
    render: () => [
      h('h1', {}, 'There is no page at this address'),
      h('p', {}, h('code', {}, location.pathname)),
      h('p', {}, 'It may be mistyped, or from another version. All views are above; a job is found from its queue. ', h('a', { href: '/' }, 'Overview')),
    ],
  };
}

// Who looks, and what they may: what one may not do is not offered. The gateway judges every request all the same.
const ladder = ['viewer', 'operator', 'admin'];
let rank = ladder.length - 1; // Where nobody is asked who they are, everybody may everything.

/** Takes who is signed in from the settings; null where nobody is. */
export function setCaller(caller) {
  rank = caller ? ladder.indexOf(caller.role) : ladder.length - 1;
}

/** Whether who is signed in may do what takes this role. */
export const may = role => rank >= ladder.indexOf(role);

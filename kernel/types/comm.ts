export type CommQuestion = { ask: "nothing" };
export type CommAnswer = null;

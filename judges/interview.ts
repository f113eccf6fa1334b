// What openapi-typescript wrote from our document, put to use: `tsc` has to find all of this in it.
import type { components, operations, paths } from "./.generated/api";

type Told = paths["/v1/interviews"]["post"]["requestBody"]["content"]["application/json"];
type Plan = operations["get_schedule"]["responses"][200]["content"]["application/json"];
type Problem = components["schemas"]["Problem"];

export const interview: Told = {
  candidate: { name: "Ana López", email: "ana.lopez@example.com" },
  company: "Northwind",
  job_title: "Data Engineer",
  stage: "panel",
  starts_at: "2026-11-20T15:00:00-05:00",
  timezone: "America/New_York",
  policy: "balanced",
  interviewers: [{ name: "Priya Shah", role: "hiring_manager", topics: ["moving the nightly batch to streaming"] }],
  notes: { topics: [], revisit: [], concerns: [], questions: [], references: [] },
};

export function tell(plan: Plan): string[] {
  return plan.follow_ups.map((step) => `${step.due_at}: ${step.kind}, for ${step.why}`);
}

export function explain(problem: Problem): string {
  return `${problem.status} ${problem.title}: ${problem.detail}`;
}

namespace Dapr.Workflow.Client;

/// <summary>Some of the workflow instances.</summary>
/// <param name="InstanceIds">Their ids.</param>
/// <param name="ContinuationToken">Asks for the next page; null after the last one.</param>
public sealed record WorkflowInstancePage(IReadOnlyList<string> InstanceIds, string? ContinuationToken);

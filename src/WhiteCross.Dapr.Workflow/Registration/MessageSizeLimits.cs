namespace Dapr.Workflow.Registration;

/// <summary>Limits of messages, in bytes; null: none.</summary>
internal sealed record MessageSizeLimits(int? Receive, int? Send);

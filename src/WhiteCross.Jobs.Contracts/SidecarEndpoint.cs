namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Metadata of an endpoint that only a service's own sidecar may call, and that sees to this itself: by <c>APP_API_TOKEN</c>, or by the caller's address
/// where none is set. Whatever else stands before a service's endpoints need not ask again.
/// </summary>
public sealed record SidecarEndpoint;

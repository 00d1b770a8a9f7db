namespace WhiteCross.Testing.Processes;

/// <summary>A service and its sidecar, each in a process of its own.</summary>
/// <param name="Name">What tests and logs call it.</param>
/// <param name="AppId">Its app id.</param>
/// <param name="Service">The service's process.</param>
/// <param name="Sidecar">The sidecar's process.</param>
/// <param name="Address">Where the service listens.</param>
/// <param name="SidecarAddress">Where the sidecar listens for HTTP.</param>
public sealed record RunningApp(string Name, string AppId, ChildProcess Service, ChildProcess Sidecar, Uri Address, Uri SidecarAddress)
{
    /// <summary>
    /// Starts the sidecar, and the service once the sidecar's API serves, as Dapr has it: a workflow worker whose first connection is refused comes back only
    /// five seconds later.
    /// </summary>
    /// <param name="client">A client.</param>
    /// <param name="patience">How long at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task StartAsync(HttpClient client, TimeSpan patience, CancellationToken cancellationToken)
    {
        Sidecar.Start();
        await Sidecar.WaitUntilUpAsync(client, new Uri(SidecarAddress, "/v1.0/healthz/outbound"), patience, cancellationToken);
        Service.Start();
    }

    /// <summary>Waits until the service serves.</summary>
    /// <param name="client">A client.</param>
    /// <param name="patience">How long at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task WaitForServiceAsync(HttpClient client, TimeSpan patience, CancellationToken cancellationToken) =>
        Service.WaitUntilUpAsync(client, new Uri(Address, "/healthz"), patience, cancellationToken);

    /// <summary>Waits until the sidecar serves, and the app's events flow.</summary>
    /// <param name="client">A client.</param>
    /// <param name="patience">How long at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task WaitForSidecarAsync(HttpClient client, TimeSpan patience, CancellationToken cancellationToken) =>
        Sidecar.WaitUntilUpAsync(client, new Uri(SidecarAddress, "/v1.0/healthz"), patience, cancellationToken);
}

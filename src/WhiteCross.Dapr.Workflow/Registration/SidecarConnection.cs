using System.Reflection;
using Dapr.Workflow.Protocol;
using Grpc.Core;
using Grpc.Net.Client;

namespace Dapr.Workflow.Registration;

/// <summary>The channel to the sidecar, shared by the worker and the client.</summary>
internal sealed class SidecarConnection : IDisposable
{
    private static readonly string UserAgent = "dapr-sdk-dotnet/" + Version();

    private readonly GrpcChannel _channel;
    private readonly HttpClient? _http;
    private readonly Metadata _headers;

    /// <summary>Takes over a channel.</summary>
    public SidecarConnection(GrpcChannel channel, HttpClient? http, string? token)
    {
        _channel = channel;
        _http = http;
        _headers = new Metadata { { "user-agent", UserAgent } };
        if (!string.IsNullOrEmpty(token))
        {
            _headers.Add("dapr-api-token", token);
        }

        Service = new TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
    }

    /// <summary>The workflow service of the sidecar.</summary>
    public TaskHubSidecarService.TaskHubSidecarServiceClient Service { get; }

    /// <summary>The options of a call.</summary>
    public CallOptions Call(CancellationToken cancellationToken) => new(_headers, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _http?.Dispose();
    }

    private static string Version() =>
        typeof(SidecarConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}

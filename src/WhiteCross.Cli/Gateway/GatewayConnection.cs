using System.Net.Http.Headers;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Gateway;

/// <summary>A connection to a gateway, with what is shown there.</summary>
internal sealed class GatewayConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _http;

    /// <summary>Makes the connection; nothing is sent yet.</summary>
    /// <exception cref="CliException">The key or the token is none.</exception>
    public GatewayConnection(Uri address, string? key, string? token, TimeProvider time)
    {
        var (shownKey, shownToken) = (Header("key", key), Header("token", token));
        _http = new HttpClient(GatewayTransport.CreateHandler()) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (shownKey is not null)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", shownKey);
        }

        if (shownToken is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", shownToken);
        }

        Transport = new GatewayTransport(_http, time, patience: Patience);
    }

    /// <summary>The way there.</summary>
    public GatewayTransport Transport { get; }

    public void Dispose() => _http.Dispose();

    private static string? Header(string name, string? value) => value is null || GatewayTransport.IsHeaderValue(value)
        ? value
        : throw new CliException(ExitCodes.WrongInput, $"The {name} has spaces, line ends or other characters that a {name} cannot have.");
}

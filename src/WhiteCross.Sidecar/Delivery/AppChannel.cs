namespace WhiteCross.Sidecar.Delivery;

/// <summary>Calls of the app: at most so many at once, with its token.</summary>
internal sealed class AppChannel : IDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = 1024,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    private readonly SemaphoreSlim? _slots;
    private readonly string? _token;

    public AppChannel(SidecarOptions options)
    {
        Address = new Uri($"http://{options.AppChannelAddress}:{options.AppPort ?? 80}");
        _slots = options.AppMaxConcurrency > 0 ? new SemaphoreSlim(options.AppMaxConcurrency) : null;
        _token = options.AppApiToken is { Length: > 0 } token ? token : null;
    }

    public Uri Address { get; }

    /// <summary>Calls the app and reads the whole answer; the slot is taken until then.</summary>
    public Task<AppAnswer> CallAsync(HttpRequestMessage request, CancellationToken cancellationToken) => InSlotAsync(
        request,
        async response =>
        {
            using (response)
            {
                return new AppAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
            }
        },
        cancellationToken);

    /// <summary>Calls the app and gives its answer as soon as that begins; the slot is taken until then, and the body is the caller's to read.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken) => InSlotAsync(request, Task.FromResult, cancellationToken);

    /// <summary>A probe: takes no slot and carries no token.</summary>
    public async Task<bool> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path));
            using var response = await _client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _slots?.Dispose();
    }

    private async Task<T> InSlotAsync<T>(HttpRequestMessage request, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancellationToken)
    {
        if (_token is not null)
        {
            request.Headers.Remove("dapr-api-token");
            request.Headers.TryAddWithoutValidation("dapr-api-token", _token);
        }

        if (_slots is not null)
        {
            await _slots.WaitAsync(cancellationToken);
        }

        try
        {
            return await read(await _client.SendAsync(request, cancellationToken));
        }
        finally
        {
            _slots?.Release();
        }
    }
}

/// <summary>What the app answered.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body.</param>
internal sealed record AppAnswer(int Status, byte[] Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

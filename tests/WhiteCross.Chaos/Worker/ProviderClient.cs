namespace WhiteCross.Chaos.Worker;

/// <summary>Sends to the provider outside. What has been sent cannot be taken back, so that a send that has begun is seen through.</summary>
internal sealed class ProviderClient(IConfiguration configuration) : IDisposable
{
    /// <summary>The environment variable with the provider's address.</summary>
    public const string AddressVariable = "CHAOS_PROVIDER";

    private readonly HttpClient _client = new()
    {
        BaseAddress = new Uri(configuration[AddressVariable] ?? throw new InvalidOperationException($"{AddressVariable} is not set; it must be the address of the provider.")),
    };

    public async Task SendAsync(string job, string step, string run)
    {
        using var answer = await _client.PostAsync(new Uri($"/send/{job}/{step}?run={run}", UriKind.Relative), content: null, CancellationToken.None);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();
}

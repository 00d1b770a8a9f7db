using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Sealing;

/// <summary>
/// Seals job records, and what else the services keep of jobs, with the keys of <see cref="SealingKeys.Setting"/>. The keys come with the environment, as a secret store puts them there, and not
/// through the sidecar: a job must get on record also while the sidecar is away.
/// </summary>
public sealed partial class JobSealing : IHostedService, IDisposable
{
    private readonly ILogger<JobSealing> _logger;
    private readonly SealingKeys? _keys;
    private readonly JobSeal? _seal;

    /// <summary>Reads the keys.</summary>
    /// <param name="configuration">The configuration, which includes the environment.</param>
    /// <param name="logger">Where it says at start whether records are sealed.</param>
    /// <exception cref="SettingsException">The keys cannot be used; the message says why and holds none.</exception>
    public JobSealing(IConfiguration configuration, ILogger<JobSealing> logger)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _logger = logger;
        if (configuration[SealingKeys.Setting] is not { Length: > 0 } text)
        {
            return;
        }

        try
        {
            _keys = SealingKeys.Parse(text);
            _seal = new JobSeal(_keys);
        }
        catch (FormatException exception)
        {
            throw new SettingsException($"{SealingKeys.Setting} {exception.Message}");
        }
    }

    /// <summary>A key for something else that must be told from what somebody without the keys made; it stays when they change. Null where there are none.</summary>
    /// <param name="purpose">What for.</param>
    public byte[]? KeyFor(string purpose) =>
        _keys is null ? null : HKDF.DeriveKey(HashAlgorithmName.SHA256, _keys.HashKey, 32, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>The store with its records sealed; the store itself where there are no keys.</summary>
    /// <param name="store">The store.</param>
    public IJobStore Seal(IJobStore store) => _seal is null ? store : new SealedJobStore(store, _seal);

    /// <summary>Seals a text that rests elsewhere than in a job's record; as it is where there are no keys.</summary>
    /// <param name="plain">The text.</param>
    /// <param name="boundTo">What it is bound to: to be opened, it must be the same.</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, string boundTo) => _seal is null ? plain.ToArray() : _seal.Seal(plain, boundTo);

    /// <summary>Opens what <see cref="Seal(ReadOnlySpan{byte}, string)"/> made; what is not sealed is as it is.</summary>
    /// <param name="text">What it made.</param>
    /// <param name="boundTo">What it is bound to.</param>
    /// <returns>Null when its key is gone, or anything differs from what was sealed.</returns>
    public byte[]? Open(ReadOnlySpan<byte> text, string boundTo) => JobSeal.IsSealed(text) ? _seal?.Open(text, boundTo) : text.ToArray();

    /// <summary>Seals JSON, which becomes a JSON text; as it is where there are no keys.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="boundTo">What it is bound to.</param>
    public JsonElement Seal(JsonElement json, string boundTo) => _seal is null
        ? json
        : JsonSerializer.SerializeToElement(Encoding.ASCII.GetString(_seal.Seal(JsonMarshal.GetRawUtf8Value(json), boundTo)), StoredJsonContext.Default.String);

    /// <summary>Opens what <see cref="Seal(JsonElement, string)"/> made; what is not sealed is as it is.</summary>
    /// <param name="json">What it made.</param>
    /// <param name="boundTo">What it is bound to.</param>
    /// <returns>Null when its key is gone, or anything differs from what was sealed.</returns>
    public JsonElement? Open(JsonElement json, string boundTo) =>
        !IsSealed(json) ? json : _seal?.Open(JsonMarshal.GetRawUtf8Value(json)[1..^1], boundTo) is { } plain ? StoredJson.Element(plain) : null;

    /// <summary>Whether JSON is sealed.</summary>
    /// <param name="json">The JSON.</param>
    public static bool IsSealed(JsonElement json) => json.ValueKind == JsonValueKind.String && JobSeal.IsSealed(JsonMarshal.GetRawUtf8Value(json)[1..]);

    /// <summary>Whether something is sealed as it would be now: with the current key, or not at all where there are no keys.</summary>
    /// <param name="text">What is sealed, or is not.</param>
    public bool IsSealedAsNow(ReadOnlySpan<byte> text) => _keys is null ? !JobSeal.IsSealed(text) : JobSeal.IsSealedWith(_keys.CurrentId, text);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_keys is null)
        {
            LogUnsealed(SealingKeys.Setting);
        }
        else
        {
            LogSealed(_keys.CurrentId);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _seal?.Dispose();

    [LoggerMessage(LogLevel.Warning, "{Setting} is not set: the data of jobs, their results and their errors lie readable in the job store. Make keys as docs/operations.md says")]
    private partial void LogUnsealed(string setting);

    [LoggerMessage(LogLevel.Information, "Job records are sealed with key {KeyId}")]
    private partial void LogSealed(string keyId);
}

/// <summary>Registers the sealing of job records.</summary>
public static class JobSealingSetup
{
    /// <summary>Adds <see cref="JobSealing"/>.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddJobSealing(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(JobSealing)))
        {
            return services;
        }

        services.AddLogging();
        services.TryAddSingleton<JobSealing>();
        services.AddHostedService(provider => provider.GetRequiredService<JobSealing>());
        return services;
    }
}

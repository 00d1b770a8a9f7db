using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageEncryption;

/// <summary>
/// Reads the keys from the secret store once the sidecar is there, and again from time to time. Keys that cannot be used stop the service at its start;
/// later ones that cannot are reported, and those at hand stay in use.
/// </summary>
internal sealed partial class KeyRingSource(
    DaprClient dapr, IOptions<EncryptionOptions> options, TimeProvider time, ILogger<KeyRingSource> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private KeyRing? _keys;
    private long _readAt;

    /// <summary>Whether there are keys, and the last reading of them went well.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>Whether there are keys.</summary>
    public bool HasKeys => _keys is not null;

    /// <summary>The keys; waits for the first reading of them.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask<KeyRing> GetAsync(CancellationToken cancellationToken)
    {
        if (_keys is null)
        {
            await _first.Task.WaitAsync(cancellationToken);
        }

        return _keys!;
    }

    /// <summary>The keys, read anew unless that was done within the last second: another instance may have a newer key already.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask<KeyRing> GetNewestAsync(CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (time.GetElapsedTime(_readAt) > TimeSpan.FromSeconds(1))
            {
                await TryReadAsync(cancellationToken);
            }
        }
        finally
        {
            _reading.Release();
        }

        return _keys!;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!await TryReadFirstAsync(stoppingToken))
            {
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (Exception exception) when (exception is FormatException or DaprException)
        {
            var failure = new InvalidOperationException(
                $"The secret '{options.Value.Secret}' of the secret store '{options.Value.SecretStore}' (settings Encryption:Secret and Encryption:SecretStore) "
                + (exception is FormatException ? exception.Message : "could not be read from the sidecar; is the store among its components, and this app in its scopes?"),
                exception is FormatException ? null : exception);
            _first.TrySetException(failure);
            throw failure; // The host stops.
        }

        _first.TrySetResult();
        using var timer = new PeriodicTimer(options.Value.RefreshInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await GetNewestAsync(stoppingToken);
        }
    }

    /// <returns>False while the sidecar is not there.</returns>
    private async Task<bool> TryReadFirstAsync(CancellationToken cancellationToken)
    {
        if (!await dapr.CheckOutboundHealthAsync(cancellationToken))
        {
            return false;
        }

        try
        {
            await ReadAsync(cancellationToken);
            return true;
        }
        catch (DaprException exception) when (exception.InnerException is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.DeadlineExceeded })
        {
            return false;
        }
    }

    private async Task TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is FormatException or DaprException)
        {
            IsCurrent = false;
            _readAt = time.GetTimestamp();
            LogNotRead(exception, options.Value.Secret);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var secret = await dapr.GetSecretAsync(options.Value.SecretStore, options.Value.Secret, cancellationToken: cancellationToken);
        if (!secret.TryGetValue(options.Value.Secret, out var json) || string.IsNullOrWhiteSpace(json))
        {
            // The store of the environment answers for a variable that is not set with an empty value.
            throw new FormatException("is empty or not there; give it as {\"current\": \"2026-11\", \"keys\": {\"2026-11\": \"<32 bytes in base64>\"}}.");
        }

        var keys = KeyRing.Parse(json);
        if (_keys?.CurrentId != keys.CurrentId)
        {
            LogCurrentKey(keys.CurrentId, keys.Ids.Count());
        }

        _keys = keys;
        _readAt = time.GetTimestamp();
        IsCurrent = true;
    }

    [LoggerMessage(LogLevel.Information, "Key {KeyId} encrypts; {Count} keys decrypt")]
    private partial void LogCurrentKey(string keyId, int count);

    [LoggerMessage(LogLevel.Error, "The secret {Secret} could not be read again; the keys at hand stay in use")]
    private partial void LogNotRead(Exception exception, string secret);
}

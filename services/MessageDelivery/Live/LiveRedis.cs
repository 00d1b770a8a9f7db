using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Settings;

namespace WhiteCross.MessageDelivery;

/// <summary>The connection to the Redis that instances share, opened with its first use, and tried again for as long as Redis is away.</summary>
internal sealed class LiveRedis(IOptions<LiveOptions> options) : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectAsync(options.Value.Redis!));

    public static ConfigurationOptions Parse(string text)
    {
        try
        {
            var options = ConfigurationOptions.Parse(text);
            options.AbortOnConnectFail = false;
            return options;
        }
        catch (ArgumentException)
        {
            // Its message repeats the text, and with it the password.
            throw new SettingsException(
                $"{LiveOptions.SectionName}:{nameof(LiveOptions.Redis)} is not a Redis address; an example: redis:6379,password=…,ssl=true");
        }
    }

    public async Task<IConnectionMultiplexer> ConnectAsync() => await _connection.Value;

    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
        {
            await (await _connection.Value).DisposeAsync();
        }
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(string text) => await ConnectionMultiplexer.ConnectAsync(Parse(text));
}

using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Client.Tests;

/// <summary>What happens to keys.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task A_key__goes_to_the_address_it_is_meant_for_and_nowhere_that_this_one_points_to()
    {
        using var gateway = new HttpListener { Prefixes = { $"http://localhost:{FreePorts.Take()}/" } };
        gateway.Start();
        var asked = new List<string>();
        var answering = AnswerAsync();
        var queues = Create(options => (options.Gateway, options.ApiKey) = (new Uri(gateway.Prefixes.Single()), "a-key-for-tests-only")).GetRequiredService<IQueuesClient>();

        var refused = await Assert.ThrowsAsync<JobsRefusedException>(() => queues.GetMetricsAsync(TestContext.Current.CancellationToken));

        gateway.Close();
        await answering;
        Assert.Equal(HttpStatusCode.TemporaryRedirect, refused.StatusCode);
        Assert.Equal(["/queue/metrics"], asked);

        async Task AnswerAsync()
        {
            while (gateway.IsListening)
            {
                try
                {
                    var context = await gateway.GetContextAsync();
                    asked.Add(context.Request.Url!.AbsolutePath);
                    (context.Response.StatusCode, context.Response.RedirectLocation) = (307, "/elsewhere");
                    context.Response.Close();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_that_would_make_another_header__is_refused_and_not_repeated(bool isSidecars)
    {
        var services = Create(options => (options.ApiKey, options.SidecarToken) = (isSidecars ? null : "of two\nlines", isSidecars ? "of two\nlines" : null));

        var failure = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<JobsClientOptions>>().Value);

        Assert.Contains(isSidecars ? "JobsClient:SidecarToken" : "JobsClient:ApiKey", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("of two", failure.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Create(Action<JobsClientOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddJobsClient(configure);
        return services.BuildServiceProvider();
    }
}

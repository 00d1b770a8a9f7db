using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace WhiteCross.Settings.Tests;

public sealed class KnownSettingsTests
{
    [Theory]
    [InlineData("Mial:Port", "25", "Mial is no section of settings; Mail is.")]
    [InlineData("MAIL_:Port", "25", "MAIL_ is no section of settings; Mail is.")]
    [InlineData("Mail:Prot", "25", "Mail:Prot is no setting; Mail:Port is.")]
    [InlineData("Database:Providr", "sqlite", "Database:Providr is no setting; Database:Provider is.")]
    [InlineData("Database:Engine", "sqlite", "Database:Engine is no setting; Database has Provider.")]
    [InlineData("REDIS_HSOT", "redis", "REDIS_HSOT is no setting; REDIS_HOST is.")]
    [InlineData("redis_passwrod", "secret", "redis_passwrod is no setting; REDIS_PASSWORD is.")]
    public void A_typing_error_in_a_section_or_a_name_is_told_with_the_nearest_right_name(string name, string value, string problem) =>
        Assert.Equal([problem], Problems((name, value)));

    [Theory]
    [InlineData("Mail:Port", "25")]
    [InlineData("database:provider", "sqlite")]
    [InlineData("REDIS_HOST", "redis")]
    [InlineData("REDIS_PORT_6379_TCP_ADDR", "10.0.0.1")]
    [InlineData("REDIS_SERVICE_HOST", "10.0.0.1")]
    [InlineData("Kestrel:Limits:MaxRequestBodySize", "1")]
    [InlineData("Mial", "a variable of somebody else's")]
    public void What_is_right_or_none_of_ours_is_passed_over(string name, string value) => Assert.Empty(Problems((name, value)));

    [Fact]
    public void All_that_is_wrong_in_several_sections_is_told_at_once() =>
        Assert.Equal(
            ["Mail:Port is 0; it must be a whole number from 1 to 65535.", "Database:Providr is no setting; Database:Provider is."],
            Problems(("Mail:Port", "0"), ("Database:Providr", "sqlite")).OrderDescending(StringComparer.Ordinal));

    [Fact]
    public void Names_with_hyphens_may_be_written_with_underscores_in_the_environment_and_what_overrides_that_still_does()
    {
        const string Variable = "Knownsettingstests__message_delivery__Concurrency";
        Environment.SetEnvironmentVariable(Variable, "20");
        try
        {
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection([]).AddUnderscoredNames(["message-delivery"]);
            Assert.Equal("20", configuration.Build()["Knownsettingstests:message-delivery:Concurrency"]);

            configuration.AddInMemoryCollection([KeyValuePair.Create("Knownsettingstests:message-delivery:Concurrency", (string?)"30")]);
            Assert.Equal("30", configuration.Build()["Knownsettingstests:message-delivery:Concurrency"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    private static IReadOnlyList<string> Problems(params (string Name, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build());
        services.AddSettings<SettingsTests.MailSettings>("Mail");
        services.AddKnownSection("Database", "Provider");
        services.AddKnownNames("REDIS_", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD");
        using var provider = services.BuildServiceProvider();
        return SettingsProblems.Find(provider);
    }
}

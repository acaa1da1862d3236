local hub_name = std.extVar('VARS_2I2C_HUB_NAME');
{
  jupyterhub: {
    singleuser: {
      nodeSelector: { 'example.org/hub': hub_name },
    },
  },
}

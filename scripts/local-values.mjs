/**
 * What the gateway is given on a developer's machine, whoever starts it there: in no configuration that is deployed.
 */
export const LOCAL_VARS = { LOCAL: 'true' }

export const LOCAL_SECRETS = {
  ADMIN_TOKEN: 'local-admin',
  MASTER_KEY: 'local-master-key',
  ONECLICK_ACCESS_TOKEN: 'local-access-token',
}
